"""The files that a page has uploaded are held by Streamlit alone."""

from types import SimpleNamespace

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from core import ImageError
from dashboard.session import uploaded

DATA = b"the bytes of a picture"


@pytest.fixture
def manager(monkeypatch) -> MemoryUploadedFileManager:
    made = MemoryUploadedFileManager("/upload")
    context = SimpleNamespace(uploaded_file_mgr=made, session_id="page")
    monkeypatch.setattr(uploaded, "get_script_run_ctx", lambda: context)
    return made


def upload(manager: MemoryUploadedFileManager, name: str = "a") -> UploadedFile:
    record = UploadedFileRec(name, "a.png", "image/png", DATA)
    manager.add_file("page", record)
    return UploadedFile(record, FileURLs())


def test_a_file_is_read_from_where_streamlit_holds_it_without_a_copy(manager):
    read = uploaded.file_of(upload(manager))
    assert read() is DATA
    manager.remove_session_files("page")
    with pytest.raises(ImageError, match="no longer on the server"):
        read()


def test_files_that_nobody_needs_are_let_go_of(manager):
    first, second = upload(manager, "a"), upload(manager, "b")
    uploaded.let_go([first])
    assert [each.file_id for each in manager.get_files("page", ["a", "b"])] == ["b"]
    assert uploaded.file_of(second)() is DATA


def test_a_widget_may_name_files_that_are_gone(manager):
    there = upload(manager)
    assert uploaded.arrived([there, DeletedFile("b")]) == [there] and uploaded.gone([there, DeletedFile("b")]) == 1
    assert uploaded.arrived(there) == [there] and uploaded.arrived(None) == uploaded.arrived(DeletedFile("b")) == []
