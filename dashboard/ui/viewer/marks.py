"""What can be drawn over a map besides its heat, and the widget that chooses it."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core import ExplainResult
from core.analysis.artefacts import as_mask
from dashboard.jobs.studies.registry import trust_name
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import findings
from dashboard.session.keys import ViewKey
from dashboard.ui import sample_scenes
from dashboard.ui.viewer.view import Marks, View

FADE = "uncertainty"
TRUE_MASK = "true-place"
SINKS = "sinks"
NO_SINKS = "no-sinks"
_TITLES = {
    FADE: "Fade what is uncertain",
    TRUE_MASK: "Outline the true place",
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
    mask = sample_scenes.true_mask(shown)
    error = shown.stderr_at(view.layer)
    report = findings(run, trust_name(view.layer, run.request.picture))
    sinks = report.artefacts.sinks if report is not None else ()
    possible = {
        FADE: bool(np.isfinite(error).all() and error.any()),
        TRUE_MASK: mask is not None,
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
        key=ViewKey.MARKS,
        bind="query-params",
        help=_HELP,
    )
    cells = as_mask(sinks, shown.grid)
    return Marks(
        fade=FADE in chosen,
        true_mask=mask if TRUE_MASK in chosen else None,
        sinks=cells if SINKS in chosen else None,
        masked=cells if NO_SINKS in chosen else None,
    )


def view_of_words(view: View, result: ExplainResult) -> View:
    """The view for a map of other words of the run's answer: it outlines what these mean."""
    if view.marks.true_mask is None:
        return view
    return replace(view, marks=replace(view.marks, true_mask=sample_scenes.true_mask(result)))
