"""How many visual tokens pictures may take: the field, what it does to the picture, and one click for all of it."""

from collections.abc import Sequence

import streamlit as st

from core import ExplainRequest, ImageError
from core.inputs.documents.pdf import READABLE
from core.models.checkpoints import ModelCard
from core.models.visual_token_count import cell_side, seen_sizes, usual_max_pixels
from dashboard import resources
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.language import N_, _
from dashboard.session import clicks
from dashboard.session.keys import FormKey
from dashboard.ui.glossary import see

USUAL, FULL, LIMIT = "usual", "full", "limit"
"""What the field holds: what the server keeps pictures to, the model's own limits, or a number of one's own."""

_SCALED = {
    False: N_(
        "The model sees the picture at {width:,} × {height:,} of its {own_width:,} × {own_height:,} pixels: a cell of "
        "the map is {side} × {side} of these."
    ),
    True: N_(
        "The model sees each frame at {width:,} × {height:,} of its {own_width:,} × {own_height:,} pixels: a cell of "
        "the map is {side} × {side} of these, in every time step."
    ),
}
_FULL = {
    False: N_(
        "Full resolution: the model sees the picture at {width:,} × {height:,} pixels, a cell of the map is {side} × "
        "{side} of these."
    ),
    True: N_(
        "Full resolution: the model sees each frame at {width:,} × {height:,} pixels, a cell of the map is {side} × "
        "{side} of these, in every time step."
    ),
}
"""What is said of a picture, and of a video."""

FULL_BUTTON, USUAL_BUTTON = "full-resolution", "usual-resolution"


def budget() -> int | None:
    """Visual tokens that pictures are kept to where nobody says otherwise; None for the models' own limits."""
    return resources.settings().budget


def resolution_field() -> None:
    """The choice, and a number where one's own is chosen."""
    choice = st.selectbox(
        _("Resolution"),
        (USUAL, FULL, LIMIT) if budget() is not None else (USUAL, LIMIT),
        format_func=_choice,
        key=FormKey.RESOLUTION,
        persist_state="session",
        help=_(
            "A picture that takes more visual tokens is scaled down to about so many, of which the map has as many "
            "cells: a coarser map, less memory and time. Smaller pictures stay as they are. Several pictures of one "
            "question share the number, and so do the time steps of a video. Models that look at every picture at one "
            "size of their own, or in tiles, are left as they are. {see}",
            see=see("visual token", "cell"),
        ),
    )
    if choice == LIMIT:
        st.number_input(
            _("Visual tokens at most"),
            min_value=4,
            max_value=16384,
            key=FormKey.VISUAL_TOKENS,
            persist_state="session",
            help=_("Of each picture. Models that look at every picture at one size cannot be held to it."),
        )


def _choice(choice: str) -> str:
    usual = budget()
    if choice == LIMIT:
        return _("Another number of visual tokens")
    if choice == FULL or usual is None:
        return _("Full: the model's own limits")
    return _("Up to {count:,} visual tokens", count=usual)


def resolution_of(request: ExplainRequest, pictures: Sequence[ChosenPicture], card: ModelCard | None) -> str:
    """What the field has to hold for a stored request to be asked once more just as it was.

    Args:
        pictures: all of the prompt's; () where they are not there any more.
        card: the request's model; None where it is not offered.
    """
    usual, frames = budget(), request.frames
    if request.max_pixels is not None:
        asked = _sizes(pictures)
        filled_in = card is not None and request.max_pixels == usual_max_pixels(asked, card.folder, usual, frames)
        return USUAL if filled_in else LIMIT
    if usual is None or card is None:
        return USUAL
    sizes = _sizes(pictures)
    return FULL if not sizes or usual_max_pixels(sizes, card.folder, usual, frames) is not None else USUAL


def _sizes(pictures: Sequence[ChosenPicture]) -> list[tuple[int, int]]:
    try:
        return [chosen.size for chosen in pictures]
    except ImageError:
        return []


def resolution_note(questions: Sequence[Question]) -> None:
    """What the number of visual tokens does to the first picture that it is too large for, and the other choice."""
    choice = st.session_state.get(FormKey.RESOLUTION, USUAL)
    for question in questions:
        frames = question.request.frames
        sizes = [chosen.size for chosen in question.all_pictures]
        usual = usual_max_pixels(sizes, question.card.folder, budget(), frames)
        if usual is None or choice == LIMIT:
            continue
        seen = seen_sizes(sizes, question.card.folder, question.request.max_pixels, frames)
        if seen is None:
            continue
        width, height = seen[0]
        printed = _print_words(question.all_pictures, seen)
        side = cell_side(question.card.folder, question.request.part)
        sight = {"width": width, "height": height, "side": side}
        with st.container(gap=None, key="resolution-note"):
            if question.request.max_pixels is not None:
                own = {"own_width": sizes[0][0], "own_height": sizes[0][1]}
                _note(_(_SCALED[bool(frames)], **own, **sight), _("Full resolution"), FULL_BUTTON, FULL)
                if printed:
                    st.warning(printed, icon=":material/text_decrease:")
            else:
                label = _("Up to {count:,} visual tokens", count=budget())
                _note(_(_FULL[bool(frames)], **sight), label, USUAL_BUTTON, USUAL)
        return


def _print_words(pictures: Sequence[ChosenPicture], seen: Sequence[tuple[int, int]]) -> str:
    """That a document's print gets too small to be read, at the size at which the model sees its page; "" if not."""
    for chosen, (width, _height) in zip(pictures, seen, strict=True):
        # What came of an upload alone knows how large its print is: of a stored page its pixels are kept.
        size = chosen.reading.print_size * width / chosen.size[0] if chosen.upload else 0
        if 0 < size < READABLE:
            return _(
                "Small print of the document is {size:.0f} pixels high then, which is hard to read. Take the full "
                "resolution if what you ask about is written there.",
                size=size,
            )
    return ""


def _note(words: str, label: str, key: str, choice: str) -> None:
    st.caption(words)
    st.button(
        label, key=key, type="tertiary", icon=":material/photo_size_select_large:", on_click=_choose, args=(choice,)
    )


@clicks.whole
def _choose(choice: str) -> None:
    st.session_state[FormKey.RESOLUTION] = choice
