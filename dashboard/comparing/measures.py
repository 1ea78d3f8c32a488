"""Runs -> numbers over depth, remembered by run: what the charts, tables and files of Compare are made of."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.areas import Area
from core.bands import standard_errors
from core.concentration import STATISTICS, Statistic, progression
from core.similarity import STEPS, steps
from dashboard import charts, listing
from dashboard.depth_charts import Line
from dashboard.services import ShownRun

LETTERS = "ABCDEFGH"
REGION = Statistic(
    "region_share",
    "Heat in the region",
    "Heat inside the drawn region over all heat, cells counted by their overlap: 0 to 1; of a blank map the region's "
    "share of the picture.",
    "share of the heat, 0 to 1",
)
ALL = STATISTICS | STEPS


@dataclass(frozen=True, eq=False)
class Compared:
    """A run among those that are compared.

    Attributes:
        letter: what it is called on the page.
        colour: of its line in every chart.
    """

    letter: str
    run: ShownRun
    colour: str

    @property
    def label(self) -> str:
        """Its name in charts, none of it read as markup."""
        method = listing.method_title(self.run.request.method)
        return f"{self.letter}: {charts.plain(self.run.request.prompt, 36)} ({charts.plain(method)})"


def lettered(runs: list[ShownRun]) -> list[Compared]:
    """Runs in their order, each with its letter and colour."""
    return [
        Compared(letter, run, colour) for letter, run, colour in zip(LETTERS, runs, charts.RUN_COLOURS, strict=False)
    ]


def line(compared: Compared, area: Area | None = None) -> Line:
    """Everything that is known over a run's depth; the share in a region, too, where there is one."""
    run, result = compared.run, compared.run.result
    values, errors = _measured(run.id, run)
    if area is not None:
        inside, unsure = _inside(run.id, area.to_text(), run)
        values, errors = values | inside, errors | unsure
    return Line(compared.label, compared.colour, result.layers, result.total_layers, values, errors)


# Numbers of a stored run never change; the errors of 36 layers on a fine grid take a third of a second.
@st.cache_resource(max_entries=64, ttl=3600, show_spinner=False)
def _measured(run_id: str, _run: ShownRun) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    heat, stderr = _run.result.heat, _run.result.stderr
    return progression(heat) | steps(heat), standard_errors(heat, stderr, progression)


@st.cache_resource(max_entries=256, ttl=3600, show_spinner=False)
def _inside(run_id: str, region: str, _run: ShownRun) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    area, result = Area.from_text(region), _run.result

    def share(heat: np.ndarray) -> dict[str, np.ndarray]:
        return {REGION.name: area.share_of_heat(heat)}

    return share(result.heat), standard_errors(result.heat, result.stderr, share)
