"""What can be drawn over a map besides its heat, and the widget that chooses it."""

import numpy as np
import streamlit as st

from core.artefacts import as_mask
from dashboard import scenes, services, state
from dashboard.shown_run import ShownRun
from dashboard.studies import trust_name
from dashboard.viewing import Marks, View

FADE = "uncertainty"
PLACE = "true-place"
SINKS = "sinks"
NO_SINKS = "no-sinks"
_TITLES = {
    FADE: "Fade what is uncertain",
    PLACE: "Outline the true place",
    SINKS: "Outline sinks",
    NO_SINKS: "Hide the heat of sinks",
}
_WHITE, _CYAN = (255, 255, 255), (80, 220, 255)
_HELP = (
    "Fade: colour grows faint where the standard error over the noise samples is large, and is gone where it is half "
    "of the heat. True place: of sample scenes it is known which pixels the explained words mean; they are outlined "
    "in white. Sinks: visual tokens with massive activations, found when the trust in a map is measured; outlined in "
    "cyan, or drawn as their neighbours are. Numbers, stored or taken away, are never changed."
)


def choose_marks(run: ShownRun, view: View) -> Marks:
    """The widget, with those marks that this map can have, and what it says."""
    shown = view.shown(run.result)
    place = scenes.true_place(shown)
    error = shown.stderr_at(view.layer)
    report = services.findings(run, trust_name(view.layer, run.request.picture))
    sinks = report.artefacts.sinks if report is not None else ()
    possible = {
        FADE: bool(np.isfinite(error).all() and error.any()),
        PLACE: place is not None,
        SINKS: bool(sinks),
        NO_SINKS: bool(sinks),
    }
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
    cells = as_mask(sinks, shown.grid)
    outlines = {PLACE: (place, _WHITE), SINKS: (cells, _CYAN)}
    return Marks(
        fade=FADE in chosen,
        outlines=tuple(outlined for name, outlined in outlines.items() if name in chosen),
        masked=cells if NO_SINKS in chosen else None,
    )
