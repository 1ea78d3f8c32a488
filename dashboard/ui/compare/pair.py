"""A against B: a map of each of two runs side by side, their difference, and one over the other."""

from collections.abc import Collection
from functools import partial

import numpy as np
import streamlit as st

from core.analysis.concentration import STATISTICS, progression
from core.rendering.difference import difference_overlay
from core.rendering.encoding import png
from core.rendering.overlay import sheet
from dashboard.charts.pair import Pane, panes_figure
from dashboard.language import N_, _, language
from dashboard.session import clicks, keys
from dashboard.session.kept import for_an_hour
from dashboard.ui.compare.chart_files import chart_downloads, map_csv
from dashboard.ui.compare.map_choice import (
    MapChoice,
    choices_for,
    heading,
    heat_at,
)
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.pair_maps import SIDE, one_unit, pair_panes, pair_reel, why_no_difference
from dashboard.ui.drawing.panes import panes_view
from dashboard.ui.widgets import forget_unless_offered, segments_by_title

_PANES = "pair-panes"
_SCALES = {"share": N_("share of the heat"), "raw": N_("raw heat")}


def pair_panel(runs: list[Compared], choice: MapChoice) -> None:
    """Everything about two of the runs."""
    if len(runs) < 2:
        st.info(_("Choose a second run above to set one against the other."))
        return
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="pair-controls")
    with controls:
        chosen = choose_pair(runs)
    if chosen is None:
        st.info(_("That is one run twice. Choose another as the second."))
        return
    first, second = chosen
    heats = [heat_at(each.run, choice) for each in chosen]
    for each, heat in zip(chosen, heats, strict=True):
        if heat is None:
            st.info(_("Run {run} holds no such map. Choose one above that both hold.", run=each.letter))
            return
    refusal, scale = why_no_difference(first, second), None
    if refusal:
        st.info(refusal)
    else:
        with controls:
            scale = _choose_scale(first, second, choice)
    with st.container(key="pair-view"):
        held = tuple(each for each in choices_for(runs) if all(heat_at(run.run, each) is not None for run in chosen))
        named = tuple((each.run.key, each.mark) for each in chosen)
        panes_view(_reel(named, held, scale, language(), chosen), _PANES, on_show=partial(_look_at, held))
    if refusal:
        return
    st.caption(
        _(
            "Wheel to zoom, drag to move, double-click for the whole picture; the panels move together, and stay there "
            "when another map is chosen. Red: more heat in {first}, blue: more in {second}.",
            first=first.letter,
            second=second.letter,
        )
    )
    _say_of_grids(heats)
    st.markdown(_("**In numbers**, {map}", map=heading(chosen, choice)))
    _statistics(first, second, heats)
    chart_downloads(
        lambda: panes_figure(pair_panes(first, second, choice, scale)[0]),
        lambda: map_csv(pair_panes(first, second, choice, scale)[1]),
        "pair",
        lambda: _picture(pair_panes(first, second, choice, scale)[0]),
    )


# The same for every map: as bytes, it is neither written out nor sent again. Which map is shown stands in the address.
@for_an_hour(24)
def _reel(
    named: tuple[tuple[str, str], ...],
    choices: tuple[MapChoice, ...],
    scale: str | None,
    spoken: str,
    _pair: tuple[Compared, Compared],
) -> bytes:
    return pair_reel(*_pair, choices, scale)


@clicks.whole
def _look_at(held: Collection[MapChoice]) -> None:
    told = st.session_state[_PANES].get("map")
    if type(told) in (int, str) and told in held:
        st.session_state[keys.CompareKey.LAYER] = told


def _picture(panes: list[Pane]) -> bytes:
    tiles = [(pane.title, difference_overlay(pane.pixels, pane.heat) if pane.is_difference else pane.pixels)
             for pane in panes]  # fmt: skip
    return png(sheet(tiles, len(panes), tile_width=SIDE))


def choose_pair(runs: list[Compared]) -> tuple[Compared, Compared] | None:
    """The two runs that are set against each other; None where they are one run twice."""
    letters = {each.letter: each for each in runs}
    picked = []
    for key, title, at in ((keys.CompareKey.FIRST, _("First"), 0), (keys.CompareKey.SECOND, _("Second"), 1)):
        forget_unless_offered(key, letters)
        picked.append(st.selectbox(title, list(letters), index=at, key=key, bind="query-params", width=110))
    return None if picked[0] == picked[1] else (letters[picked[0]], letters[picked[1]])


def _choose_scale(first: Compared, second: Compared, choice: MapChoice) -> str:
    scales = _SCALES if one_unit(first, second, choice) else {"share": _SCALES["share"]}
    forget_unless_offered(keys.CompareKey.SCALE, scales)
    return segments_by_title(
        _("Difference of"),
        scales,
        keys.CompareKey.SCALE,
        default="share",
        about=_(
            "Share: each map over its own mean, 1 being what a cell has where heat is spread evenly; so maps of "
            "different strength can be compared. Raw heat is offered where both maps have one unit."
        ),
    )


def _say_of_grids(heats: list[np.ndarray]) -> None:
    first, second = ("{} × {}".format(*heat.shape) for heat in heats)
    if first != second:
        st.caption(
            _(
                "Their grids differ ({first} and {second} cells): both are brought to the finer one over the picture.",
                first=first,
                second=second,
            )
        )


def _statistics(first: Compared, second: Compared, heats: list[np.ndarray]) -> None:
    values = [progression(heat) for heat in heats]
    names = list(STATISTICS)
    st.dataframe(
        {
            "statistic": [_(STATISTICS[name].title) for name in names],
            first.letter: [float(values[0][name]) for name in names],
            second.letter: [float(values[1][name]) for name in names],
            "difference": [float(values[0][name] - values[1][name]) for name in names],
        },
        hide_index=True,
        height="content",
        key="pair-statistics",
        column_config={
            "statistic": st.column_config.TextColumn(_("Statistic")),
            **{name: st.column_config.NumberColumn(format="%.4g") for name in (first.letter, second.letter)},
            "difference": st.column_config.NumberColumn(_("Difference"), format="%.4g"),
        },
        alt=_("Statistics of the two maps"),
    )
