"""The part of the form that says which frames of a video are sampled, and what was."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import ExplainError
from core.inputs.videos.limits import DEFAULT_FPS, FRAMES_UNASKED
from core.inputs.videos.sampling import Sampling
from core.schema.limits import MAX_FRAMES
from dashboard.jobs.videos import ChosenVideo, is_animation, read_video
from dashboard.language import N_, _, counted, sentence
from dashboard.memo import memoised
from dashboard.session import clicks, state
from dashboard.session.keys import FormKey

USUAL, RATE, COUNT = "usual", "rate", "count"
"""How the frames are chosen: as recommended, so many a second, or so many in all."""
_TITLES = {
    USUAL: N_("{fps:g} a second, {most} at most"),
    RATE: N_("Another number a second"),
    COUNT: N_("A number in all"),
}
SAMPLING: dict[FormKey, Any] = {
    FormKey.SAMPLING: USUAL,
    FormKey.FPS: DEFAULT_FPS,
    FormKey.FRAMES: 16,
    FormKey.START: None,
    FormKey.END: None,
}
"""What the fields hold at first."""


def videos_in_form() -> list[ChosenVideo]:
    """The videos among what is asked about."""
    return [chosen for chosen in state.session().pictures if isinstance(chosen, ChosenVideo)]


def sampling_of(form: Mapping[str, Any]) -> Sampling:
    """What the fields ask for.

    Raises:
        VideoError: they contradict each other.
    """
    held = SAMPLING | {key: form[key] for key in SAMPLING if key in form}
    choice, start, end = (held[key] for key in (FormKey.SAMPLING, FormKey.START, FormKey.END))
    return Sampling(
        fps=float(held[FormKey.FPS]) if choice == RATE else None,
        count=int(held[FormKey.FRAMES]) if choice == COUNT else None,
        start=float(start) if start else None,
        end=None if end is None else float(end),
    )


def video_fields() -> None:
    """Draws the fields; nothing where no video is in the form."""
    videos = videos_in_form()
    if not videos:
        return
    if not any(video.upload for video in videos):
        st.caption(_("The frames of this video are sampled already. Upload its file to sample others."))
        return
    for key, value in SAMPLING.items():
        st.session_state.setdefault(key, value)
    kept: dict[str, Any] = {"persist_state": "session", "on_change": sample_again}
    choice = st.selectbox(
        _("Frames of the video"),
        tuple(_TITLES),
        format_func=lambda name: _(_TITLES[name], fps=DEFAULT_FPS, most=FRAMES_UNASKED),
        key=FormKey.SAMPLING,
        help=_(
            "The model sees single frames, evenly spaced in time. More of them tell more exactly when something "
            "happens, for more visual tokens, memory and time."
        ),
        **kept,
    )
    if choice == RATE:
        st.number_input(_("Frames a second"), 0.01, 60.0, step=0.5, key=FormKey.FPS, **kept)
    if choice == COUNT:
        st.number_input(_("Frames in all"), 1, MAX_FRAMES, key=FormKey.FRAMES, **kept)
    start_at, end_at = st.columns(2)
    start_at.number_input(_("From second"), 0.0, step=1.0, key=FormKey.START, placeholder=_("the beginning"), **kept)
    end_at.number_input(_("To second"), 0.0, step=1.0, key=FormKey.END, placeholder=_("the end"), **kept)


@clicks.whole
def sample_again() -> None:
    """Samples the uploaded videos in the form anew, as the fields say; where that cannot be, they stay as they were."""
    session = state.session()
    try:
        asked = sampling_of(st.session_state)
        session.pictures = tuple(
            read_video(chosen.name, chosen.file, chosen.upload, asked, as_far_as_whole=True)
            if isinstance(chosen, ChosenVideo) and chosen.upload
            else chosen
            for chosen in session.pictures
        )
        session.picture_problems = ()
    except ExplainError as error:
        session.picture_problems = (sentence(str(error)),)


def animation_button(number: int) -> None:
    """Where a picture of the form moves: a click asks about all of its frames, and not about the first alone."""
    chosen = state.session().pictures[number]
    if isinstance(chosen, ChosenVideo) or not chosen.upload:
        return
    if memoised(chosen, "moves", lambda: is_animation(chosen.file())):
        st.button(
            _("Take it as a video"),
            key=f"as-video-{number}",
            type="tertiary",
            icon=":material/movie:",
            on_click=_take_as_video,
            args=(number,),
            help=_("The picture moves. As a picture, its first frame alone is asked about."),
        )


@clicks.whole
def _take_as_video(number: int) -> None:
    session = state.session()
    chosen = session.pictures[number]
    try:
        video = read_video(chosen.name, chosen.file, chosen.upload, sampling_of(st.session_state))
    except ExplainError as error:
        session.picture_problems = (sentence(str(error)),)
        return
    session.pictures = (*session.pictures[:number], video, *session.pictures[number + 1 :])
    session.picture_problems = ()


def changed_sampling(form: Mapping[str, Any]) -> list[str]:
    """What of the fields is not as recommended, a few words each."""
    held = SAMPLING | {key: form[key] for key in SAMPLING if key in form}
    words = []
    if held[FormKey.SAMPLING] == RATE:
        words.append(_("{fps:g} frames a second", fps=held[FormKey.FPS]))
    if held[FormKey.SAMPLING] == COUNT:
        words.append(counted("{count} frame in all", "{count} frames in all", int(held[FormKey.FRAMES])))
    if held[FormKey.START]:
        words.append(_("from {start:g} s", start=held[FormKey.START]))
    if held[FormKey.END] is not None:
        words.append(_("to {end:g} s", end=held[FormKey.END]))
    return words


def sampled_words(chosen: ChosenVideo) -> str:
    """What was sampled of a video, in a sentence."""
    return counted(
        "{count} frame is sampled of {duration:.1f} s, at {first:.1f} s; {width} × {height} pixels.",
        "{count} frames are sampled of {duration:.1f} s, from {first:.1f} to {last:.1f} s; {width} × {height} pixels.",
        len(chosen.times),
        duration=chosen.duration,
        first=float(chosen.times[0]),
        last=float(chosen.times[-1]),
        width=chosen.size[0],
        height=chosen.size[1],
    )
