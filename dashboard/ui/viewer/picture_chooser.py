"""Which of several pictures of a prompt is looked at: one map each, and one of them on display."""

import streamlit as st

from core.rendering import encoding
from core.rendering.overlay import overlay
from core.schema.conversation import turn_numbers
from dashboard.formatting import short
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.session.keys import ViewKey
from dashboard.ui import images

HIGHEST, WIDEST = 76, 116
"""Size in pixels that a picture in the row takes at most."""


def choose_picture(run: LoadedRun) -> LoadedRun:
    """The run with the maps of the picture that is chosen; nothing is drawn where there is only one."""
    count = len(run.pictures)
    if count < 2:
        return run
    names = [str(number) for number in range(1, count + 1)]
    if st.session_state.get(ViewKey.IMAGE) not in (None, *names):
        del st.session_state[ViewKey.IMAGE]  # of another run, which had more pictures
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", border=True, key="picture-chooser"):
        for number, (each, share) in enumerate(zip(run.each_picture(), shares(run), strict=True), 1):
            _tile(each, number, share)
        chosen = st.segmented_control(
            _("Maps of picture"),
            names,
            default=names[0],
            required=True,
            key=ViewKey.IMAGE,
            bind="query-params",
            help=_(
                "The model saw all of these in one prompt, in this order, and answered once. Each picture has a map "
                "at every layer; everything below is about the one that is chosen here. A share is how much of the "
                "heat of all pictures' maps lies in this one, by the method and at the layer that were asked for."
            ),
        )
    return run.of_picture(names.index(chosen))


def shares(run: LoadedRun) -> list[float]:
    """How much of the heat of all pictures' maps each one's holds; 0 where there is none.

    At the layer that is shown first of the first picture: raw heat differs by orders of magnitude between layers.
    """
    each = run.result.pictures
    method, layer = each[0].asked
    heat = [float(one.of(method).at(layer).sum()) for one in each]
    total = sum(heat)
    return [one / total if total > 0 else 0.0 for one in heat]


def _tile(run: LoadedRun, number: int, share: float) -> None:
    width = images.picture_width(run.chosen.size, HIGHEST, WIDEST)
    with st.container(width=WIDEST, gap=None, key=f"picture-tile-{number}"):
        alt = _("Map of picture {number}", number=number)
        st.image(memoised(run.result, "picture tile", lambda: _drawn(run)), width=width, alt=alt)
        st.text(f"{number}: {short(run.chosen.name, 12)}")
        st.caption(_("{share:.0%} of the heat", share=share))
        request = run.request
        if request.conversation:
            asked = turn_numbers(request.conversation, len(request.all_images))[number - 1]
            st.caption(_("question {number}", number=asked))


def _drawn(run: LoadedRun) -> bytes:
    return encoding.encode(overlay(images.small(run, WIDEST), run.result.headline))
