"""What can be drawn over a map besides its heat, and the widget that chooses it."""

import numpy as np
import streamlit as st

from dashboard import scenes, state
from dashboard.services import ShownRun
from dashboard.viewing import Marks, View

FADE = "uncertainty"
PLACE = "true-place"
_TITLES = {
    FADE: "Fade what is uncertain",
    PLACE: "Outline the true place",
}
_WHITE = (255, 255, 255)
_HELP = (
    "Fade: colour grows faint where the standard error over the noise samples is large, and is gone where it is half "
    "of the heat. True place: of sample scenes it is known which pixels the explained words mean; they are outlined "
    "in white. What is stored and downloaded as numbers is never changed."
)


def choose_marks(run: ShownRun, view: View) -> Marks:
    """The widget, with those marks that this map can have, and what it says."""
    shown = view.shown(run.result)
    place = scenes.true_place(shown)
    error = shown.stderr_at(view.layer)
    possible = {FADE: bool(np.isfinite(error).all() and error.any()), PLACE: place is not None}
    options = [name for name, can in possible.items() if can]
    if not options:
        return Marks()
    chosen = st.pills(
        "Show, too",
        options,
        format_func=_TITLES.__getitem__,
        selection_mode="multi",
        key=state.View.MARKS,
        bind="query-params",
        help=_HELP,
    )
    return Marks(FADE in chosen, ((place, _WHITE),) if PLACE in chosen else ())
