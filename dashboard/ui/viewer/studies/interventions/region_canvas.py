"""The picture on which a region is drawn or cells are chosen: a component, which gets no text of people."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.rendering import encoding
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.ui import images
from dashboard.ui.drawing.scripts import VALUES, joined
from dashboard.ui.viewer.studies.interventions.selection import Selection
from dashboard.ui.viewer.view import View

KEY = "region-canvas"
WIDEST = 460
"""Width in pixels at most."""
_WORDS = {
    "stage": N_(
        "The picture. Drag a box, or click cells. With the keyboard: arrows move, space chooses a cell, escape chooses "
        "nothing."
    ),
    "cell": N_("row {row}, column {column}"),
    "chosen": N_("row {row}, column {column}: chosen"),
}
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_region",
    html='<div class="stage" tabindex="0" role="application"><img class="picture" alt="" draggable="false">'
    '<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><path class="dark"/><path class="light"/>'
    '<rect class="cursor"/></svg></div><output class="where"></output>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=joined(VALUES, _HERE.with_suffix(".js")),
)


def region_canvas(
    run: LoadedRun, view: View, grid: tuple[int, int], selection: Selection | None, on_chosen: Callable[[], None]
) -> None:
    """The map on display over the picture, and what is chosen outlined.

    Args:
        grid: (rows, columns) of the cells that can be clicked.
        on_chosen: the callback of a choice; `chosen` reads it.
    """
    pixels = images.small(run, 2 * WIDEST)
    height, width = pixels.shape[:2]
    region = None if selection is None else selection.region
    data = {
        "picture": encoding.data_uri(view.draw(pixels, view.shown(run.result), view.layer)),
        "ratio": width / height,
        "width": images.picture_width((width, height), widest=WIDEST),
        "grid": grid,
        "outline": [] if region is None else region.outline,
        "cells": () if selection is None else selection.cells,
        "words": {name: _(text) for name, text in _WORDS.items()},
    }
    _component(key=KEY, data=data, on_chosen_change=on_chosen)


def chosen(grid: tuple[int, int]) -> Selection | None:
    """What was chosen just now; None for nothing."""
    return Selection.told(st.session_state[KEY].get("chosen"), grid)
