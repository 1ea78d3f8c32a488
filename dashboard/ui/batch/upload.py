"""What a batch is made of: pictures, ZIPs of them and perhaps a table; each is checked, stored and let go at once."""

import hashlib
import zipfile
from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import Brightness, InputError
from core.export.zips import ZipLimits, open_zip, read_head, read_member
from core.inputs.brightness import AUTO
from core.inputs.pictures import MAX_BYTES
from core.inputs.videos.sampling import Sampling
from dashboard import resources
from dashboard.batch.folder import is_taken
from dashboard.batch.found import names_of_pages
from dashboard.batch.picture_files import HEAD, is_zip, lies_beside
from dashboard.batch.plan import MOST_ROWS
from dashboard.batch.table import read_pairs
from dashboard.formatting import literal, short
from dashboard.jobs.pictures import read_picture
from dashboard.jobs.stored_videos import store_source
from dashboard.jobs.videos import is_film, read_video
from dashboard.language import _, counted
from dashboard.session import clicks, state, uploaded
from dashboard.ui.batch.problems import Problems
from dashboard.ui.brightness import brightness_field
from dashboard.ui.upload_refusals import upload_refusal

MOST_TABLE_BYTES = 5 * 2**20
_TABLES = (".csv", ".tsv")
_LONGEST_NAME = 1_000
# A Mac puts a shadow beside each file. A picture that is too large costs itself, and not the ZIP that it is in.
_LIMITS = ZipLimits(members=4 * MOST_ROWS, single=2**31)


def upload_field() -> None:
    """The upload; what comes is checked, stored and let go at once, so that hundreds of pictures fit."""
    batch, limit = state.session().batch, resources.settings().max_upload_mb
    files = uploaded.arrived(
        st.file_uploader(
            _("Pictures, PDFs or videos, a ZIP of them, or a table"),
            accept_multiple_files=True,
            max_upload_size=limit,
            key=f"batch-upload-{batch.uploads}",
            help=_(
                "Several at once, and more later on; videos, too, and PDFs, of which each page is a picture. A table "
                "is a CSV with the columns picture (the name of an uploaded file; of a page as in paper.pdf#page=2) "
                "and prompt; without one, the prompt below is asked about every picture. Columns fps, frames, start "
                "and end (in seconds) say how a video is sampled, if the table comes before it or with it."
            ),
        )
    )
    if files:
        _take(files, limit)
        uploaded.let_go(files)
        batch.uploads += 1  # a fresh widget: the old one would still name them
        st.rerun()
    upload_refusal()
    with st.container(horizontal=True, vertical_alignment="center", key="batch-taken"):
        if batch.pictures or batch.pairs is not None:
            st.caption(_taken_words(), width="content")
            if batch.pairs is not None:
                st.button(_("Without the table"), key="batch-no-table", on_click=_drop_table)
            st.button(_("Remove all"), key="batch-clear", icon=":material/close:", on_click=_clear)
    for problem in batch.problems:
        st.error(problem)
    if batch.originals:
        _brightness_field()


def _taken_words() -> str:
    batch = state.session().batch
    count = len(batch.pictures)
    if batch.pairs is None:
        return counted("{count:,} picture or video.", "{count:,} pictures and videos.", count)
    return counted(
        "{count:,} picture or video, and the table {table} of {rows:,} rows.",
        "{count:,} pictures and videos, and the table {table} of {rows:,} rows.",
        count,
        table=literal(short(batch.table, 40)),
        rows=len(batch.pairs),
    )


def _full() -> InputError:
    return InputError(_("{most:,} pictures and videos are the most that can be asked about at once.", most=MOST_ROWS))


def _brightness_field() -> None:
    batch = state.session().batch
    count = len(batch.originals)
    with st.container(key="batch-brightness-choice", width=360):
        brightness_field("batch-brightness", batch.brightness, batch.value_range, _choose_brightness)
        st.caption(
            counted(
                "For {count:,} picture with more than 8 bits a channel.",
                "For {count:,} pictures with more than 8 bits a channel.",
                count,
            )
        )


def _choose_brightness(brightness: Brightness) -> None:
    """Reads the pictures that it matters to once more, from their files as they came."""
    batch, problems = state.session().batch, Problems()
    batch.brightness = brightness
    for name, original in list(batch.originals.items()):
        with problems.of(name):
            data = resources.storage().pictures.get(original)
            if data is None:
                raise InputError(_("Its file is no longer on the server. Upload it again."))
            _keep(name, data)
    batch.problems = problems.said()


def _take(files: list[UploadedFile], limit: int) -> None:
    problems = Problems()
    with st.spinner(_("Reading the files")):
        # A table may say how videos are sampled that come with it.
        for file in sorted(files, key=lambda file: not file.name.lower().endswith(_TABLES)):
            with problems.of(file.name):
                if file.size > limit * 2**20:
                    raise InputError(
                        _(
                            "The file has {size:.0f} MB; at most {most} MB can be uploaded.",
                            size=file.size / 2**20,
                            most=limit,
                        )
                    )
                if file.name.lower().endswith(_TABLES):
                    _take_table(file)
                elif is_zip(head := file.getvalue()[:HEAD]) and not is_film(head):
                    _take_zip(file, problems)
                else:
                    _take_picture(file.name, file.getvalue)
    state.session().batch.problems = problems.said()


def _take_table(file: UploadedFile) -> None:
    if file.size > MOST_TABLE_BYTES:
        raise InputError(_("A table may have {most} MB.", most=MOST_TABLE_BYTES // 2**20))
    batch = state.session().batch
    batch.pairs, batch.table = read_pairs(file.getvalue()), file.name


def _take_zip(file: UploadedFile, problems: Problems) -> None:
    opened, found = open_zip(file.getvalue(), _LIMITS), False
    for member in opened.infolist():
        name = member.filename
        if member.is_dir() or lies_beside(name) or not is_taken(name, read_head(opened, member, HEAD)):
            continue
        if found and _is_full(name):
            raise _full()
        found = True
        with problems.of(name):
            _take_picture(name, partial(_read, opened, member))
    if not found:
        raise InputError(_("There are no pictures and no videos in it."))


def _read(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MAX_BYTES:
        raise InputError(
            _(
                "The file has {size:,.0f} MB; at most {most} MB can be read.",
                size=member.file_size / 2**20,
                most=MAX_BYTES // 2**20,
            )
        )
    return read_member(opened, member, "The file")


def _take_picture(name: str, read: Callable[[], bytes]) -> None:
    if len(name) > _LONGEST_NAME:
        raise InputError(
            _(
                "Its name has {count:,} characters; at most {most:,} can be kept.",
                count=len(name),
                most=_LONGEST_NAME,
            )
        )
    if _is_full(name):
        raise _full()
    data = read()
    for page, named in enumerate(names_of_pages(name, data), 1):
        if _is_full(named):
            raise _full()
        _keep(named, data, page)


def _is_full(name: str) -> bool:
    pictures = state.session().batch.pictures
    return len(pictures) >= MOST_ROWS and name not in pictures


def _keep_video(name: str, data: bytes, sampling: Sampling) -> str:
    """Its digest, once what is sampled of it is stored."""
    batch, video = state.session().batch, read_video(name, lambda: data, sampling=sampling)
    if not store_source(video, resources.storage()).is_stored:
        raise InputError(
            _(
                "This server keeps a smaller copy of the video, from which no row can be computed. Ask about it "
                "under Compute."
            )
        )
    batch.sizes[video.digest], batch.frames[video.digest] = video.size, len(video.times)
    return video.digest


def _keep(name: str, data: bytes, page: int = 1) -> None:
    batch, storage = state.session().batch, resources.storage()
    if is_film(data[:HEAD]):
        batch.originals.pop(name, None)
        batch.pictures[name] = _keep_video(name, data, Sampling())
        for sampling in batch.asked_of(name):
            batch.sampled[name, sampling] = _keep_video(name, data, sampling)
        return
    chosen = read_picture(name, lambda: data, page=page)
    store_source(chosen, storage)
    if chosen.reading.adjustable:
        # By its bytes: two scans may have the same pixels in one range of brightness, and others in another.
        batch.originals[name] = hashlib.sha256(data).hexdigest()
        storage.pictures.put(batch.originals[name], data)
        low, high = chosen.reading.value_range
        widest = batch.value_range or (low, high)
        batch.value_range = min(low, widest[0]), max(high, widest[1])
        if batch.brightness != AUTO:
            chosen = read_picture(name, lambda: data, brightness=batch.brightness)
            store_source(chosen, storage)
    else:
        batch.originals.pop(name, None)  # another file of that name came before
    batch.pictures[name] = chosen.digest
    batch.sizes[chosen.digest] = chosen.size


@clicks.whole
def _drop_table() -> None:
    batch = state.session().batch
    batch.pairs, batch.table = None, ""


@clicks.whole
def _clear() -> None:
    batch = state.session().batch
    batch.pictures, batch.sizes, batch.frames, batch.originals, batch.problems = {}, {}, {}, {}, ()
    batch.sampled = {}
    batch.brightness, batch.value_range = AUTO, None
    _drop_table()
