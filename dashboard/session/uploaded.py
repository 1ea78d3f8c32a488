"""The files that a page has uploaded: Streamlit holds them, and nothing else does."""

from collections.abc import Iterable

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from core import ImageError
from dashboard.jobs.pictures import File
from dashboard.language import _

Value = UploadedFile | DeletedFile | list[UploadedFile | DeletedFile] | None
"""Of an upload widget."""


def arrived(value: Value) -> list[UploadedFile]:
    """The files of an upload widget that are there."""
    return [file for file in _listed(value) if not isinstance(file, DeletedFile)]


def gone(value: Value) -> int:
    """How many files of an upload widget the browser still names, although the server has let go of them."""
    return len(_listed(value)) - len(arrived(value))


def file_of(upload: UploadedFile) -> File:
    """Gives the bytes of an uploaded file for as long as it is held, from any thread."""
    context = get_script_run_ctx()
    manager, page, name = context.uploaded_file_mgr, context.session_id, upload.file_id

    def read() -> bytes:
        held = manager.get_files(page, [name])
        if not held:
            raise ImageError(_("The uploaded file is no longer on the server. Upload it again."))
        return held[0].data

    return read


def let_go(uploads: Iterable[UploadedFile]) -> None:
    """Drops files that nobody needs any more: Streamlit would hold them until the page closes."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for upload in uploads:
            context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)


def _listed(value: Value) -> list[UploadedFile | DeletedFile]:
    return value if isinstance(value, list) else [] if value is None else [value]
