"""What can be drawn over a map besides its heat, and the widget that chooses it."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core import ExplainResult
from core.analysis.artefacts import as_mask
from dashboard.jobs.studies.registry import trust_name
from dashboard.loaded_run import LoadedRun
from dashboard.services import open
from dashboard.session import keys
from dashboard.ui import sample_scenes
from dashboard.ui.viewer.view import Marks, View

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
_HELP = (
    "Fade: colour grows faint where the standard error over the noise samples is large, and is gone where it is half "
    "of the heat, or half of a tenth of the hottest cell's where the heat is less than that. True place: of sample "
    "scenes it is known which pixels the explained words mean; they are outlined in white. Sinks: visual tokens with "
    "massive activations, found when the trust in a map is measured; outlined in cyan, or drawn as their neighbours "
    "are. Numbers, stored or taken away, are never changed."
)


def choose_marks(run: LoadedRun, view: View) -> Marks:
    """The widget, with those marks that this map can have, and what it says."""
    shown = view.shown(run.result)
    place = sample_scenes.true_place(shown)
    error = shown.stderr_at(view.layer)
    report = open.findings(run, trust_name(view.layer, run.request.picture))
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
        key=keys.ViewKey.MARKS,
        bind="query-params",
        help=_HELP,
    )
    cells = as_mask(sinks, shown.grid)
    return Marks(
        fade=FADE in chosen,
        place=place if PLACE in chosen else None,
        sinks=cells if SINKS in chosen else None,
        masked=cells if NO_SINKS in chosen else None,
    )


def about(view: View, part: ExplainResult) -> View:
    """The view for a map of other words of the run's answer: it outlines what these mean."""
    if view.marks.place is None:
        return view
    return replace(view, marks=replace(view.marks, place=sample_scenes.true_place(part)))
