"""The pictures in the form: uploaded or pasted, or taken from elsewhere on the page."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import ImageError, load_picture
from core.rendering.overlay import fit
from core.schema import MAX_PICTURES
from dashboard.formatting import literal, short
from dashboard.jobs.pictures import MOST_AT_ONCE, TYPES, ChosenPicture
from dashboard.session import state
from dashboard.session.keys import FormKey
from dashboard.settings import Settings
from dashboard.ui.form.draft import WAYS


def picture_field(settings: Settings) -> bool:
    """Upload, what was wrong with the last files, and the pictures that are chosen now.

    Returns:
        Whether one question is asked about all of several pictures.
    """
    session = state.session()
    st.file_uploader(
        "Picture",
        type=TYPES,
        accept_multiple_files=True,
        max_upload_size=settings.max_upload_mb,
        key=_key(),
        on_change=_take_uploads,
        args=(settings.max_upload_mb,),
        help="PNG, JPEG, WEBP, GIF, TIFF or BMP; the content counts, not the name. Several at once give several "
        "runs, or one question about all of them. A picture in the clipboard can be pasted anywhere on this page.",
    )
    paste_field()
    for problem in session.picture_problems:
        st.error(problem)
    if len(session.pictures) == 1:
        _preview(session.pictures[0])
    return _previews(session.pictures) if len(session.pictures) > 1 else False


def take_picture(chosen: ChosenPicture, prompt: str | None = None) -> None:
    """Puts a picture, and with it a prompt, into the form; to be called before the form is drawn."""
    take_pictures((chosen,))
    if prompt is not None:
        st.session_state[FormKey.PROMPT] = prompt


def take_pictures(pictures: tuple[ChosenPicture, ...]) -> None:
    """Puts the pictures of one question into the form, in their order; as `take_picture`."""
    session = state.session()
    session.pictures, session.picture_problems = pictures, ()
    session.uploads += 1  # a fresh upload widget: the old one would still name the other files


def take_unless_there(pictures: tuple[ChosenPicture, ...]) -> None:
    """As `take_pictures`, unless they are in the form already; one picture may be one of several there."""
    wanted, there = ([each.picture.digest for each in some] for some in (pictures, state.session().pictures))
    if wanted != there and not (len(wanted) == 1 and wanted[0] in there):
        take_pictures(pictures)


def _key() -> str:
    return f"{FormKey.UPLOAD}-{state.session().uploads}"


def _take_uploads(max_mb: int) -> None:
    session = state.session()
    files: list[UploadedFile] = st.session_state.get(_key()) or []
    problems, pictures = [], {}
    decoded = {chosen.upload: chosen for chosen in session.pictures if chosen.upload}
    for file in files[:MOST_AT_ONCE]:
        try:
            chosen = decoded.get(file.file_id) or _read(file, max_mb)
            pictures.setdefault(chosen.picture.digest, chosen)
        except ImageError as error:
            problems.append(str(error) if len(files) == 1 else f"{literal(short(file.name, 60))}: {error}")
    if len(files) > MOST_AT_ONCE:
        problems.append(f"{len(files)} pictures are too many at once: the first {MOST_AT_ONCE} are taken.")
    if pictures or not files:
        session.pictures = tuple(pictures.values())
    elif session.pictures:
        problems[-1] += " The picture chosen before is kept."
    session.picture_problems = tuple(problems)


def _read(file: UploadedFile, max_mb: int) -> ChosenPicture:
    # Streamlit checks the size of what its own page sends; anybody can send more.
    if file.size > max_mb * 2**20:
        size = file.size / 2**20
        raise ImageError(f"The file has {size:.0f} MB; at most {max_mb} MB can be uploaded here.")
    data = file.getvalue()
    return ChosenPicture(file.name, data, load_picture(data), file.file_id)


def _preview(chosen: ChosenPicture) -> None:
    width, height = chosen.picture.size
    with st.container(horizontal=True, vertical_alignment="center", key="chosen-picture"):
        small = fit(chosen.preview, 72)
        st.image(small, width=small.shape[1], alt="The chosen picture")
        with st.container(gap=None):
            st.text(chosen.name)
            st.caption(f"{width} × {height} pixels")
    for note in chosen.picture.notes:
        st.caption(note)


def _previews(pictures: tuple[ChosenPicture, ...]) -> bool:
    with st.container(horizontal=True, gap="small", key="chosen-pictures"):
        for chosen in pictures:
            small = fit(chosen.preview, 56)
            st.image(small, width=small.shape[1], alt=chosen.name)
    way = st.radio(
        "Several pictures",
        tuple(WAYS.values()),
        key=FormKey.TOGETHER,
        persist_state="session",
        help="Each: the prompt is asked about every picture alone. All of them: the model sees them in one prompt, in "
        f"the order shown, up to {MAX_PICTURES}, answers once, and every picture gets its map of where that answer "
        "comes from. The embedded model was trained on one picture at a time.",
    )
    together = way == WAYS[True]
    what = "one question about all of them" if together else "about each of them"
    st.caption(f"{len(pictures)} pictures: Run asks {what}.")
    for chosen in pictures:
        for note in chosen.picture.notes:
            st.text(f"{short(chosen.name, 40)}: {note}")
    return together


_component = st.components.v2.component(
    "smooth_gradcam_paste", js=Path(__file__).with_name("paste.js").read_text("utf-8")
)


def paste_field() -> None:
    """Listens for pasted pictures while the page is open; draws nothing."""
    _component(key="paste", height=1)
