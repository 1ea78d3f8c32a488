"""The maps on display over the runs' pictures, side by side."""

import numpy as np
import streamlit as st

from core.analysis.regions import Region
from core.rendering import encoding
from core.rendering.overlay import outline, overlay
from dashboard.formatting import short
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.ui import images
from dashboard.ui.compare.map_choice import MapChoice, heat_at, name_of
from dashboard.ui.compare.measures import Compared

SIDE = 480  # longer side, in pixels, of a picture among several


def outlined_map(run: LoadedRun, heat: np.ndarray, longest: int, region: Region | None = None) -> np.ndarray:
    """A map over its run's picture, uint8 RGB, with the outline of a region where there is one.

    Args:
        longest: longer side of what is drawn, in pixels.
    """
    drawn = overlay(images.small(run, longest), heat)
    return drawn if region is None else outline(drawn, region.mask((drawn.shape[1], drawn.shape[0])))


def side_by_side(runs: list[Compared], choice: MapChoice, region: Region | None) -> None:
    """The map of every run that is on display, each on its own colour scale; a region of interest is outlined."""
    columns = st.columns(min(4, len(runs)))
    highest = 300 if len(runs) <= 4 else 180  # two rows must leave room for what stands below
    for number, each in enumerate(runs):
        run = each.run
        with columns[number % len(columns)].container(border=True, key=f"side-{each.letter}"):
            heat = heat_at(run, choice)
            st.markdown(_("**{letter}**, {map}", letter=each.letter, map=name_of(run, choice)))
            if heat is None:
                st.caption(_("This run holds no such map."))
                continue
            st.image(
                encoding.encode(outlined_map(run, heat, SIDE, region)),
                width=images.picture_width(run.chosen.size, highest, SIDE),
                alt=_("Heat of run {run}", run=each.letter),
            )
            st.text(short(run.result.answer.text, 120) or _("(nothing)"))
