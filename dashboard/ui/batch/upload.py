"""What a batch is made of: pictures, ZIPs of them and perhaps a table; each is checked, stored and let go at once."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import ExplainError, ImageError, InputError, load_picture
from core.export.zips import ZipLimits, open_zip, read_member
from dashboard import resources
from dashboard.batch.plan import ENDINGS, MOST_ROWS
from dashboard.batch.table import read_pairs
from dashboard.formatting import literal, short
from dashboard.jobs.pictures import TYPES
from dashboard.session import state

MOST_TABLE_BYTES = 5 * 2**20
_MOST_SHOWN = 8


def upload_field() -> None:
    """The upload; what comes is checked, stored and let go at once, so that hundreds of pictures fit."""
    batch, limit = state.session().batch, resources.settings().max_upload_mb
    files = st.file_uploader(
        "Pictures, a ZIP of pictures, or a table",
        type=(*TYPES, "zip", "csv"),
        accept_multiple_files=True,
        max_upload_size=limit,
        key=f"batch-upload-{batch.uploads}",
        help="Several at once, and more later on. A table is a CSV with the columns picture (the name of an uploaded "
        "file) and prompt; without one, the prompt below is asked about every picture.",
    )
    if files:
        _take(files, limit)
        batch.uploads += 1  # a fresh widget: the old one would hold every file in memory
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="batch-taken"):
        count, words = len(batch.pictures), ""
        if batch.pairs is not None:
            words = f", and the table {literal(short(batch.table, 40))} of {len(batch.pairs):,} rows"
        if count or batch.pairs is not None:
            st.caption(f"{count:,} picture{'' if count == 1 else 's'}{words}.", width="content")
            if batch.pairs is not None:
                st.button("Without the table", key="batch-no-table", on_click=_drop_table)
            st.button("Remove all", key="batch-clear", icon=":material/close:", on_click=_clear)
    for problem in batch.problems[:_MOST_SHOWN]:
        st.error(problem)
    if len(batch.problems) > _MOST_SHOWN:
        st.error(f"{len(batch.problems) - _MOST_SHOWN} more files could not be taken.")


def _take(files: list[UploadedFile], limit: int) -> None:
    batch, problems = state.session().batch, []
    with st.spinner("Reading the pictures"):
        for file in files:
            try:
                if file.size > limit * 2**20:
                    raise InputError(f"The file has {file.size / 2**20:.0f} MB; at most {limit} MB can be uploaded.")
                if file.name.lower().endswith(".csv"):
                    _take_table(file)
                elif file.name.lower().endswith(".zip"):
                    _take_zip(file)
                else:
                    _take_picture(file.name, file.getvalue())
            except ExplainError as error:
                problems.append(f"{literal(short(file.name, 60))}: {literal(str(error))}")
    batch.problems = tuple(problems)


def _take_table(file: UploadedFile) -> None:
    if file.size > MOST_TABLE_BYTES:
        raise InputError(f"A table may have {MOST_TABLE_BYTES // 2**20} MB.")
    batch = state.session().batch
    batch.pairs, batch.table = read_pairs(file.getvalue()), file.name


def _take_zip(file: UploadedFile) -> None:
    opened, wrong, first = open_zip(file.getvalue(), ZipLimits(members=2 * MOST_ROWS)), 0, ""
    named = [member for member in opened.infolist() if member.filename.lower().endswith(ENDINGS)]
    # Macs put a shadow of each file beside it.
    members = [member for member in named if not member.filename.rsplit("/", 1)[-1].startswith(".")]
    if not members:
        raise InputError("There are no pictures in it.")
    for member in members:
        try:
            _take_picture(member.filename, read_member(opened, member))
        except ImageError as error:
            wrong, first = wrong + 1, first or f"{short(member.filename, 60)}: {error}"
    if wrong:
        raise InputError(f"{wrong} of its {len(members)} pictures cannot be used. {first}")


def _take_picture(name: str, data: bytes) -> None:
    batch = state.session().batch
    if len(batch.pictures) >= MOST_ROWS and name not in batch.pictures:
        raise InputError(f"{MOST_ROWS:,} pictures are the most that can be asked about at once.")
    digest = load_picture(data).digest
    resources.storage().pictures.put(digest, data)
    batch.pictures[name] = digest


def _drop_table() -> None:
    batch = state.session().batch
    batch.pairs, batch.table = None, ""


def _clear() -> None:
    batch = state.session().batch
    batch.pictures, batch.problems = {}, ()
    _drop_table()
