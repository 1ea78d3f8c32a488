"""The picture in the form: uploaded, or taken from the sample scenes."""

import streamlit as st

from core import ImageError, load_picture
from core.render import fit
from dashboard.question import ChosenPicture
from dashboard.settings import Settings
from dashboard.state import Field, session

TYPES = ("png", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp")


def picture_field(settings: Settings) -> None:
    """Upload, what was wrong with the last file, and the picture that is chosen now."""
    here = session()
    st.file_uploader(
        "Picture",
        type=TYPES,
        max_upload_size=settings.max_upload_mb,
        key=_key(),
        on_change=_take_upload,
        args=(settings.max_upload_mb,),
        help="PNG, JPEG, WEBP, GIF, TIFF or BMP; the content counts, not the name.",
    )
    if here.picture_problem:
        st.error(here.picture_problem)
    if here.chosen is not None:
        _preview(here.chosen)


def take_picture(chosen: ChosenPicture, prompt: str | None = None) -> None:
    """Puts a picture, and with it a prompt, into the form; to be called before the form is drawn."""
    here = session()
    here.chosen, here.picture_problem = chosen, None
    here.uploads += 1  # a fresh upload widget: the old one would still name the other file
    if prompt is not None:
        st.session_state[Field.PROMPT] = prompt


def _key() -> str:
    return f"{Field.UPLOAD}-{session().uploads}"


def _take_upload(max_mb: int) -> None:
    here = session()
    file = st.session_state.get(_key())
    here.picture_problem = None
    if file is None:
        here.chosen = None
        return
    try:
        # Streamlit checks the size of what its own page sends; anybody can send more.
        if file.size > max_mb * 2**20:
            size = file.size / 2**20
            raise ImageError(f"The file has {size:.0f} MB; at most {max_mb} MB can be uploaded here.")
        data = file.getvalue()
        here.chosen = ChosenPicture(file.name, data, load_picture(data))
    except ImageError as error:
        kept = "" if here.chosen is None else " The picture chosen before is kept."
        here.picture_problem = f"{error}{kept}"


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
