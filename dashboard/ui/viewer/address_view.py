"""The view that an address names, for whatever the server draws: files to take away, words, methods.

The viewer in the browser writes the address (`nameView` in `viewer.js`) and reads it in the same way. What an address
says that no view can have is passed over: it may be older than the viewer, or typed by hand.
"""

import math
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from core import ExplainResult
from core.analysis.artefacts import as_mask
from core.rendering.overlay import COLORMAPS, DEFAULT_COLORMAP, OPACITY
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui import sample_scenes
from dashboard.ui.drawing.maps import ShownMap, first_map, maps_of
from dashboard.ui.drawing.time_shares import usual_step
from dashboard.ui.viewer.maps import sinks_of
from dashboard.ui.viewer.view import Marks, View

_OF_VIEW = (
    *(ViewKey.MAP, ViewKey.LAYER, ViewKey.OPACITY, ViewKey.THRESHOLD, ViewKey.COLORMAP, ViewKey.CELLS),
    *(ViewKey.SCALE, ViewKey.VEIL, ViewKey.MARKS, ViewKey.ZOOM),
    *(ViewKey.STEP, ViewKey.STEPS),
)
_LONGEST = 4000

FADE, TRUE_MASK, SINKS, NO_SINKS = "uncertainty", "true-place", "sinks", "no-sinks"


def view_of(run: LoadedRun) -> View:
    """The view of a run's maps that the address names."""
    shown = map_in_address(run)
    named = st.query_params
    cells = named.get(ViewKey.CELLS)
    colormap = named.get(ViewKey.COLORMAP)
    is_raw = cells == "raw"
    is_common = named.get(ViewKey.SCALE) == "common" and shown.layer is not None
    return View(
        shown.layer,
        1.0 if is_raw else _number(ViewKey.OPACITY, OPACITY, 1),
        colormap if colormap in COLORMAPS else DEFAULT_COLORMAP,
        smooth=cells not in ("blocky", "raw"),
        maximum=float(shown.result.heat.max()) if is_common else None,
        threshold=0.0 if is_raw else _number(ViewKey.THRESHOLD, 0, 95) / 100,
        marks=_marks(run, shown),
        method=shown.method,
        part=shown.result.request.part,
        even=is_raw or named.get(ViewKey.VEIL) == "even",
        step=_step(run.result),
        alike=named.get(ViewKey.STEPS) != "own",
    )


def map_in_address(run: LoadedRun) -> ShownMap:
    """The map that the address names; without one that this run has, the one that was asked for.

    Former addresses said "Combined map (recommended)", or a layer alone, which is one of the run's own method.
    """
    maps = list(maps_of(run.result))
    asked, layer = st.query_params.get(ViewKey.MAP, ""), st.query_params.get(ViewKey.LAYER)
    method = "combined" if asked.startswith("Combined") else asked
    if method not in {each.method for each in maps}:
        method = None
    named = method or (maps[0].method if layer is not None else None)
    of_method = [each for each in maps if each.method == named]
    fitting = [each for each in of_method if each.layer is None and method or str(each.layer) == layer]
    return next(iter(fitting or (of_method if method else [])), None) or first_map(run.result)


def _step(result: ExplainResult) -> int | None:
    """The time step that the address names, counted from 1; without one of these, the hottest of the first map."""
    if not result.steps:
        return None
    named = st.query_params.get(ViewKey.STEP, "")
    if named.isascii() and named.isdecimal() and len(named) < 6 and 1 <= int(named) <= len(result.steps):
        return int(named) - 1
    return usual_step(first_map(result))


def take_over(search: Any) -> None:
    """Puts the view of a browser's address, such as "?run=...&layer=3", into the address that the server knows."""
    if not isinstance(search, str) or len(search) > _LONGEST:
        return
    told = parse_qs(search.removeprefix("?"))
    for name in _OF_VIEW:
        if name in told:
            st.query_params[name] = told[name]
        elif name in st.query_params:
            del st.query_params[name]


def _number(name: ViewKey, usual: float, most: float) -> float:
    try:
        value = float(st.query_params.get(name, usual))
    except ValueError:
        return usual
    return min(most, max(0.0, value)) if math.isfinite(value) else usual


def _marks(run: LoadedRun, shown: ShownMap) -> Marks:
    chosen = st.query_params.get_all(ViewKey.MARKS)
    sinks = sinks_of(run)
    cells = as_mask(sinks, run.result.grid) if sinks else None
    return Marks(
        fade=FADE in chosen and shown.errors is not None,
        true_mask=sample_scenes.true_mask(shown.result) if TRUE_MASK in chosen else None,
        sinks=cells if SINKS in chosen else None,
        masked=cells if NO_SINKS in chosen else None,
    )


def view_of_words(view: View, result: ExplainResult) -> View:
    """The view for a map of other words of the run's answer: it outlines what these mean."""
    if view.marks.true_mask is None:
        return view
    return replace(view, marks=replace(view.marks, true_mask=sample_scenes.true_mask(result)))
