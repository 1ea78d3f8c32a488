"""The map that every picture of Compare shows, and the runs' pictures side by side."""

import numpy as np
import streamlit as st

from core.analysis.regions import Region
from core.rendering import encoding
from core.rendering.overlay import outline, overlay
from core.schema.model_parts import PARTS, Part
from dashboard.formatting import short
from dashboard.loaded_run import LoadedRun
from dashboard.session import keys
from dashboard.ui import images
from dashboard.ui.compare.measures import Compared, layers_of
from dashboard.ui.widgets import forget_unless_offered

COMBINED = "combined"
SIDE = 480  # longer side, in pixels, of a picture among several


def choose_layer(runs: list[Compared]) -> int | None:
    """The layer on display, or None for the map that stands for a whole run."""
    layers = layers_of(runs)
    if not layers:
        return None
    # One widget for both, so that a link to a layer is all that an address needs.
    options = (COMBINED, *layers)
    forget_unless_offered(keys.CompareKey.LAYER, options)  # other runs' layer
    chosen = st.select_slider(
        "Map",
        options,
        key=keys.CompareKey.LAYER,
        bind="query-params",
        help="At the left the combined map, then the decoder layers, 0 first. A click on a layer in a chart goes "
        "there, too.",
    )
    return None if chosen == COMBINED else chosen


def heat_at(run: LoadedRun, layer: int | None) -> np.ndarray | None:
    """A run's map of a layer; None where it holds none."""
    if layer is None:
        return run.result.headline
    return run.result.at(layer) if layer in run.result.layers else None


def outlined_map(run: LoadedRun, heat: np.ndarray, longest: int, region: Region | None = None) -> np.ndarray:
    """A map over its run's picture, uint8 RGB, with the outline of a region where there is one.

    Args:
        longest: longer side of what is drawn, in pixels.
    """
    drawn = overlay(images.small(run, longest), heat)
    return drawn if region is None else outline(drawn, region.mask((drawn.shape[1], drawn.shape[0])))


def name_of(layer: int | None, part: Part = "decoder") -> str:
    """A layer in a title."""
    return "one map from all layers" if layer is None else f"{PARTS[part].one} {layer}"


def side_by_side(runs: list[Compared], layer: int | None, region: Region | None) -> None:
    """The same map of every run, each on its own colour scale; a region of interest is outlined."""
    columns = st.columns(min(4, len(runs)))
    highest = 300 if len(runs) <= 4 else 180  # two rows must leave room for what stands below
    for number, each in enumerate(runs):
        run = each.run
        with columns[number % len(columns)].container(border=True, key=f"side-{each.letter}"):
            heat = heat_at(run, layer)
            st.markdown(f"**{each.letter}**, {name_of(layer, run.request.part)}")
            if heat is None:
                st.caption("This run holds no map of that layer.")
                continue
            st.image(
                encoding.encode(outlined_map(run, heat, SIDE, region)),
                width=images.picture_width(run.chosen.picture.size, highest, SIDE),
                alt=f"Heat of run {each.letter}",
            )
            st.text(short(run.result.answer.text, 120) or "(nothing)")
