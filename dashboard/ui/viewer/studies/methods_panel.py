"""The same question by every method, side by side; of a video, each method's steps, and when its heat lies."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from core import METHODS, ExplainResult
from core.rendering import encoding
from core.rendering.overlay import fit
from core.rendering.step_sheet import MOST_COLUMNS, evenly
from core.schema.model_parts import Part
from dashboard.charts.over_time import rows_over_time_figure
from dashboard.jobs.studies.registry import SLOW_METHODS, of_shown
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.ui import images
from dashboard.ui.drawing.maps import ShownMap
from dashboard.ui.drawing.time_shares import time_shares
from dashboard.ui.viewer.step_frames import frames_of_steps
from dashboard.ui.viewer.studies.study_panels import found
from dashboard.ui.viewer.view import View

TILE = 190
"""Longer side of a method's map in pixels."""
STEP_TILE = 120
"""Likewise of one of its time steps."""
_BESIDE: dict[Part, str] = {
    "decoder": N_(
        "Methods with a map for each layer at layer {layer}, the others with their only map; each on its own colour "
        "scale. Recommended ones first; the last one is a diagnostic, no explanation."
    ),
    "tower": N_(
        "Methods with a map for each block at block {layer}, the others with their only map; each on its own colour "
        "scale. Recommended ones first; the last one is a diagnostic, no explanation."
    ),
}


def methods_panel(run: LoadedRun, view: View) -> None:
    """Every method's map, then the slow ones', which are made when they are asked for."""
    results = found(run, "methods")
    if results is None:
        return
    named = {result.request.method: result for result in of_shown(run.result, results)}
    layer = view.layer if view.layer is not None else _best_layer(named)
    st.caption(_(_BESIDE[run.request.part], layer=layer))
    if run.request.is_video:
        _over_time(run, named, layer)
    _maps(run, view, named, layer)
    st.markdown(_("**Slow references**"))
    for name in SLOW_METHODS:
        slow = found(run, name)
        if slow is not None:
            _maps(run, view, {name: of_shown(run.result, slow)[0]}, None)


def _maps(run: LoadedRun, view: View, results: Mapping[str, ExplainResult], layer: int | None) -> None:
    view = replace(view, maximum=None)  # methods differ in their units
    draw = _steps if run.request.is_video else _tile
    with st.container(horizontal=True):
        for name, result in results.items():
            title = _(METHODS[name].title)
            pixels, width = draw(run, view, result, layer if result.layers else None)
            alt = _("Heat by the method {method}", method=title)
            st.image(encoding.encode(pixels), width=width, caption=title, alt=alt)


def _tile(run: LoadedRun, view: View, result: ExplainResult, layer: int | None) -> tuple[np.ndarray, int]:
    """A picture's map, and the width at which it is shown."""
    return view.draw(images.small(run, TILE), result, layer), images.picture_width(run.chosen.size, TILE, TILE)


def _steps(run: LoadedRun, view: View, result: ExplainResult, layer: int | None) -> tuple[np.ndarray, int]:
    """The same of a video's map: its steps side by side, of many some that are evenly spaced."""
    frames = frames_of_steps(run.chosen, run.result)
    each = [
        replace(view, step=step).draw(fit(frames[step], STEP_TILE), result, layer)
        for step in evenly(len(frames), MOST_COLUMNS)
    ]
    row = np.concatenate(each, axis=1)
    return row, row.shape[1]


def _over_time(run: LoadedRun, named: Mapping[str, ExplainResult], layer: int) -> None:
    steps, maps = (
        run.result.steps,
        [ShownMap(name, layer if result.layers else None, result) for name, result in named.items()],
    )
    st.plotly_chart(
        rows_over_time_figure(
            np.stack([time_shares(each).shares for each in maps])[::-1],
            [_(METHODS[each.method].title) for each in maps][::-1],  # the first method above
            steps,
            _("methods"),
        ),
        key="methods-and-time-chart",
        config={"displaylogo": False},
        alt=_("Share of each method's heat in each time step of the video"),
    )
    st.caption(_("Each row is one method's map, whose shares sum to 1: in which time steps its heat lies."))
    if len(steps) > MOST_COLUMNS:
        st.caption(_("Below, {shown} of {count} steps, evenly spaced.", shown=MOST_COLUMNS, count=len(steps)))


def _best_layer(results: Mapping[str, ExplainResult]) -> int:
    by_layer = next(result for name, result in results.items() if METHODS[name].per_layer)
    return by_layer.recommended_layer
