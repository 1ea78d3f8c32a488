"""The pictures in the form: uploaded or pasted, or taken from elsewhere on the page."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import Brightness, ExplainError, ImageError, VideoError
from core.inputs.documents.pdf import split_name
from core.inputs.videos.kinds import HEAD
from core.rendering.overlay import fit
from core.schema import MAX_PICTURES
from dashboard.formatting import literal, short, visible
from dashboard.jobs.pictures import MOST_AT_ONCE, ChosenPicture, read_picture
from dashboard.jobs.videos import ChosenVideo, is_film, read_video
from dashboard.language import _, counted, sentence
from dashboard.session import clicks, state, uploaded
from dashboard.session.keys import FormKey
from dashboard.settings import Settings
from dashboard.ui.brightness import brightness_field
from dashboard.ui.form.draft import WAYS
from dashboard.ui.form.page_field import page_field
from dashboard.ui.form.video.fields import animation_button, sampled_words, sampling_of
from dashboard.ui.form.video.preview import video_preview
from dashboard.ui.upload_refusals import upload_refusal


def picture_field(settings: Settings) -> bool:
    """Upload, what was wrong with the last files, and the pictures that are chosen now.

    Returns:
        Whether one question is asked about all of several pictures.
    """
    session = state.session()
    if session.uploads and session.pictures:
        _another_field(settings)
    else:
        _upload_field(settings)
    with st.container(gap=None):  # what only listens takes no room
        paste_field()
        upload_refusal()
    for problem in session.picture_problems:
        st.error(problem)
    if len(session.pictures) == 1:
        _preview(session.pictures[0])
    return _previews(session.pictures) if len(session.pictures) > 1 else False


def _upload_field(settings: Settings) -> None:
    st.file_uploader(
        _("Picture or video"),
        accept_multiple_files=True,
        max_upload_size=settings.max_upload_mb,
        key=_key(),
        on_change=_take_uploads,
        args=(settings.max_upload_mb,),
        help=_(
            "PNG, JPEG, WEBP, AVIF, HEIC, GIF, TIFF or BMP, a PDF, of which you choose the page, or a video: MP4, MOV, "
            "WebM, MKV or AVI; the content counts, not the name. Several at once give several runs; several pictures, "
            "one question about all of them if you like. A picture in the clipboard can be pasted anywhere on this "
            "page."
        ),
    )


def _another_field(settings: Settings) -> None:
    """The same for whoever has a picture from elsewhere, as most do who open a run: under a heading, closed at first.

    What is closed is not drawn, unless it holds files, which Streamlit would drop.
    """
    st.session_state[FormKey.ANOTHER] = st.session_state.get(FormKey.ANOTHER, False)
    at = st.expander(_("Another picture or video"), key=FormKey.ANOTHER, on_change="rerun")
    if at.open or st.session_state.get(_key()):
        with at:
            _upload_field(settings)


@clicks.whole
def take_picture(chosen: ChosenPicture, prompt: str | None = None) -> None:
    """Puts a picture, and with it a prompt, into the form; to be called before the form is drawn."""
    take_pictures((chosen,))
    if prompt is not None:
        st.session_state[FormKey.PROMPT] = prompt


def take_pictures(pictures: tuple[ChosenPicture, ...]) -> None:
    """Puts the pictures of one question into the form, in their order; as `take_picture`."""
    session = state.session()
    session.pictures, session.picture_problems = pictures, ()
    uploaded.let_go(uploaded.arrived(st.session_state.get(_key())))
    st.session_state[FormKey.ANOTHER] = False
    session.uploads += 1  # a fresh upload widget: the old one would still name the other files


def take_unless_there(pictures: tuple[ChosenPicture, ...]) -> None:
    """As `take_pictures`, unless they are in the form already; one picture may be one of several there."""
    wanted, there = ([each.digest for each in some] for some in (pictures, state.session().pictures))
    if wanted != there and not (len(wanted) == 1 and wanted[0] in there):
        take_pictures(pictures)


def _key() -> str:
    return f"{FormKey.UPLOAD}-{state.session().uploads}"


@clicks.whole
def _take_uploads(max_mb: int) -> None:
    session = state.session()
    files, gone = uploaded.arrived(st.session_state.get(_key())), uploaded.gone(st.session_state.get(_key()))
    problems, pictures = [], {}
    known = {chosen.upload: chosen for chosen in session.pictures if chosen.upload}
    for file in files[:MOST_AT_ONCE]:
        try:
            chosen = known.get(file.file_id) or _read(file, max_mb)
            pictures.setdefault(chosen.digest, chosen)
        except (ImageError, VideoError) as error:
            why = sentence(str(error))
            named = {"file": literal(short(file.name, 60)), "why": why}
            problems.append(why if len(files) == 1 else _("{file}: {why}", **named))
    if len(files) > MOST_AT_ONCE:
        problems.append(
            _(
                "{count} pictures are too many at once: the first {most} are taken.",
                count=len(files),
                most=MOST_AT_ONCE,
            )
        )
    if gone:
        problems.append(
            counted(
                "An uploaded file is no longer on the server. Upload it again.",
                "{count} uploaded files are no longer on the server. Upload them again.",
                gone,
            )
        )
    # Those that were uploaded went with their files.
    before = tuple(chosen for chosen in session.pictures if not chosen.upload)
    if pictures or not problems:
        session.pictures = tuple(pictures.values())
    else:
        session.pictures = before
        problems[-1] += _(" What was chosen before is kept.") if before else ""
    session.picture_problems = tuple(problems)


def _read(file: UploadedFile, max_mb: int) -> ChosenPicture:
    # Streamlit checks the size of what its own page sends; anybody can send more.
    if file.size > max_mb * 2**20:
        raise ImageError(
            _(
                "The file has {size:.0f} MB; at most {most} MB can be uploaded here.",
                size=file.size / 2**20,
                most=max_mb,
            )
        )
    if is_film(file.getbuffer()[:HEAD].tobytes()):
        asked = sampling_of(st.session_state)
        return read_video(file.name, uploaded.file_of(file), file.file_id, asked, as_far_as_whole=True)
    return read_picture(file.name, uploaded.file_of(file), file.file_id)


def _choices(number: int, with_thumbnails: bool = False) -> None:
    """How one picture's file is read, where there is a choice; it holds for this picture alone."""
    chosen = state.session().pictures[number]
    # A picture that was taken from elsewhere stays where it is among the others.
    name = chosen.upload or f"{state.session().uploads}-{number}"
    if chosen.reading.adjustable:
        key = f"{FormKey.BRIGHTNESS}-{name}"
        brightness_field(key, chosen.brightness, chosen.reading.value_range, _choose_brightness, number)
    page_field(f"{FormKey.PAGE}-{name}", chosen, partial(_choose_page, number), with_thumbnails)
    animation_button(number)


def _choose_brightness(brightness: Brightness, number: int) -> None:
    former = state.session().pictures[number]
    _read_again(number, lambda: read_picture(former.name, former.file, former.upload, brightness))


def _choose_page(number: int, page: int) -> None:
    former = state.session().pictures[number]
    name = split_name(former.name)[0]
    _read_again(number, lambda: read_picture(name, former.file, former.upload, page=page))


def _read_again(number: int, read: Callable[[], ChosenPicture]) -> None:
    """Puts the same file, read otherwise, in the place of what it was; where that cannot be, it stays as it was."""
    session = state.session()
    try:
        chosen = read()
    except ExplainError as error:
        session.picture_problems = (sentence(str(error)),)
        return
    session.pictures = (*session.pictures[:number], chosen, *session.pictures[number + 1 :])
    session.picture_problems = ()


def _preview(chosen: ChosenPicture) -> None:
    width, height = chosen.size
    if isinstance(chosen, ChosenVideo):
        return video_preview(chosen)
    with st.container(horizontal=True, vertical_alignment="center", key="chosen-picture"):
        small = fit(chosen.preview, 72)
        st.image(small, width=small.shape[1], alt=_("The chosen picture"))
        with st.container(gap=None):
            st.text(visible(chosen.name))
            st.caption(_("{width} × {height} pixels", width=width, height=height))
    for note in chosen.reading.notes:
        st.caption(sentence(note))
    _choices(0, with_thumbnails=True)


def _previews(pictures: tuple[ChosenPicture, ...]) -> bool:
    with st.container(horizontal=True, gap="small", key="chosen-pictures"):
        for chosen in pictures:
            small = fit(chosen.preview, 56)
            st.image(small, width=small.shape[1], alt=visible(chosen.name))
    if any(isinstance(chosen, ChosenVideo) for chosen in pictures):
        return _each_alone(pictures)
    way = st.radio(
        _("Several pictures"),
        tuple(WAYS.values()),
        format_func=_,
        key=FormKey.TOGETHER,
        persist_state="session",
        help=_(
            "Each: the prompt is asked about every picture alone. All of them: the model sees them in one prompt, in "
            "the order shown, up to {most}, answers once, and every picture gets its map of where that answer comes "
            "from. The embedded model was trained on one picture at a time.",
            most=MAX_PICTURES,
        ),
    )
    together = way == WAYS[True]
    if together:
        st.caption(_("{count} pictures: Run asks one question about all of them.", count=len(pictures)))
    else:
        st.caption(_("{count} pictures: Run asks about each of them.", count=len(pictures)))
    _notes(pictures)
    return together


def _each_alone(pictures: tuple[ChosenPicture, ...]) -> bool:
    """Of several, where one is a video: no prompt holds anything beside that."""
    st.caption(
        _(
            "{count} files: Run asks about each of them alone; a video is never asked about together with others.",
            count=len(pictures),
        )
    )
    _notes(pictures)
    return False


def _notes(pictures: tuple[ChosenPicture, ...]) -> None:
    for number, chosen in enumerate(pictures):
        if isinstance(chosen, ChosenVideo):
            st.text(_("{file}: {why}", file=short(chosen.name, 40), why=sampled_words(chosen)))
        for note in chosen.reading.notes:
            st.text(_("{file}: {why}", file=short(chosen.name, 40), why=sentence(note)))
        _choices(number)


_component = st.components.v2.component(
    "smooth_gradcam_paste", js=Path(__file__).with_name("paste.js").read_text("utf-8")
)


def paste_field() -> None:
    """Listens for pictures that are pasted or dragged onto the page while it is open; draws nothing."""
    _component(key="paste", height=1, on_wanted_change=_open)


@clicks.whole
def _open() -> None:
    """The browser has a picture, and no widget that takes it."""
    st.session_state[FormKey.ANOTHER] = True
