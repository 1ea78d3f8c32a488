"""A against B: the same layer of two runs side by side, their difference, and one over the other."""

import numpy as np
import streamlit as st

from core import METHODS
from core.analysis.concentration import STATISTICS, progression
from core.heatmap import common_grid, on_grid, per_even_cell
from core.rendering.encoding import png
from core.rendering.overlay import fit, overlay, sheet
from dashboard.charts.pair import Pane, panes_figure
from dashboard.session import keys
from dashboard.ui import images
from dashboard.ui.compare import maps
from dashboard.ui.compare.chart_files import chart_downloads
from dashboard.ui.compare.csv_files import map_csv
from dashboard.ui.compare.linked_panes import painted, panes_view
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.swipe import swipe
from dashboard.ui.widgets import forget_unless_offered, segments_by_title

_SIDE = 720  # longer side of a picture in the figure, in pixels: it can be zoomed in on
_SCALES = {"share": "share of the heat", "raw": "raw heat"}
_EVEN = "heat over that of an even map"


def pair_panel(runs: list[Compared], layer: int | None) -> None:
    """Everything about two of the runs."""
    if len(runs) < 2:
        st.info("Choose a second run above to set one against the other.")
        return
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="pair-controls")
    with controls:
        chosen = _choose_pair(runs)
    if chosen is None:
        st.info("That is one run twice. Choose another as the second.")
        return
    first, second = chosen
    heats = [maps.heat_at(each.run, layer) for each in chosen]
    for each, heat in zip(chosen, heats, strict=True):
        if heat is None:
            st.info(f"Run {each.letter} holds no map of layer {layer}. Move the map above to one that both hold.")
            return
    refusal, scale = why_no_difference(first, second), None
    if refusal:
        st.info(refusal)
    else:
        with controls:
            scale = _choose_scale(first, second, layer)
    panes, numbers = pair_panes(first, second, layer, scale)
    panes_view(panes)
    if refusal:
        return
    st.caption(
        "Wheel to zoom, drag to move, double-click for the whole picture; the panels move together, and stay there "
        f"when another layer is chosen. Red: more heat in {first.letter}, blue: more in {second.letter}. "
        f"{_about(heats)}"
    )
    chart_downloads(
        lambda: panes_figure(panes),
        lambda: map_csv(numbers),
        "pair",
        lambda: png(sheet([(pane.title, painted(pane)) for pane in panes], len(panes), tile_width=_SIDE)),
    )
    swipe_at, table_at = st.columns(2, gap="medium")
    with swipe_at:
        st.markdown("**One over the other**")
        swipe(
            (first.letter, panes[0].pixels),
            (second.letter, panes[1].pixels),
            images.picture_width(first.run.chosen.picture.size, 400, 520),
        )
    with table_at:
        st.markdown(f"**In numbers**, {maps.name_of(layer)}")
        _statistics(first, second, heats)


def why_no_difference(first: Compared, second: Compared) -> str | None:
    """Why two runs' maps have no difference cell by cell; None where they have one."""
    if first.run.request.image == second.run.request.image:
        return None
    return (
        f"{first.letter} and {second.letter} are about different pictures: a cell of one shows something else than "
        "the same cell of the other, so a difference of their maps would say nothing."
    )


def pair_panes(
    first: Compared, second: Compared, layer: int | None, scale: str | None
) -> tuple[list[Pane], dict[str, np.ndarray]]:
    """(both maps over their pictures and their difference, the numbers of the difference).

    Args:
        layer: of which both hold a map.
        scale: as of `difference_of`; None for no difference.
    """
    chosen = first, second
    heats = [maps.heat_at(each.run, layer) for each in chosen]
    pictures = [fit(images.preview(each.run), _SIDE) for each in chosen]
    panes = [
        Pane(f"{each.letter}, {maps.name_of(layer)}", overlay(pixels, heat), heat, unit=_unit(each, layer))
        for each, pixels, heat in zip(chosen, pictures, heats, strict=True)
    ]
    if scale is None:
        return panes, {}
    framed, difference = difference_of(*heats, scale)
    unit = _EVEN if scale == "share" else _unit(first, layer)
    panes.append(Pane(f"{first.letter} less {second.letter}", _grey(pictures[0]), difference, True, unit))
    return panes, {first.letter: framed[0], second.letter: framed[1], "difference": difference}


def difference_of(first: np.ndarray, second: np.ndarray, scale: str) -> tuple[list[np.ndarray], np.ndarray]:
    """(both maps on the finer grid of the two, the first less the second).

    Args:
        scale: "share", each map over its own mean, or "raw".
    """
    grid = common_grid(first.shape, second.shape)
    framed = [on_grid(heat[None], grid)[0] for heat in (first, second)]
    if scale == "share":
        framed = [per_even_cell(heat) for heat in framed]
    return framed, framed[0] - framed[1]


def _choose_pair(runs: list[Compared]) -> tuple[Compared, Compared] | None:
    letters = {each.letter: each for each in runs}
    picked = []
    for key, title, at in ((keys.CompareKey.FIRST, "First", 0), (keys.CompareKey.SECOND, "Second", 1)):
        forget_unless_offered(key, letters)
        picked.append(st.selectbox(title, list(letters), index=at, key=key, bind="query-params", width=110))
    return None if picked[0] == picked[1] else (letters[picked[0]], letters[picked[1]])


def _choose_scale(first: Compared, second: Compared, layer: int | None) -> str:
    same_unit = _unit(first, layer) == _unit(second, layer)
    scales = _SCALES if same_unit else {"share": _SCALES["share"]}
    forget_unless_offered(keys.CompareKey.SCALE, scales)
    return segments_by_title(
        "Difference of",
        scales,
        keys.CompareKey.SCALE,
        default="share",
        about="Share: each map over its own mean, 1 being what a cell has where heat is spread evenly; so maps of "
        "different strength can be compared. Raw heat is offered where both maps have one unit.",
    )


def _unit(each: Compared, layer: int | None) -> str:
    result = each.run.result
    if layer is None and result.layers and result.companions:
        return METHODS[next(iter(result.companions.values())).request.method].heat_unit
    return METHODS[result.request.method].heat_unit


def _grey(pixels: np.ndarray) -> np.ndarray:
    shade = pixels.mean(-1, keepdims=True)
    return np.repeat(128 + (shade - 128) * 0.6, 3, axis=-1).astype(np.uint8)


def _about(heats: list[np.ndarray]) -> str:
    first, second = (heat.shape for heat in heats)
    if first == second:
        return ""
    return (
        f"Their grids differ ({first[0]} × {first[1]} and {second[0]} × {second[1]} visual tokens): both are brought "
        "to the finer one over the picture."
    )


def _statistics(first: Compared, second: Compared, heats: list[np.ndarray]) -> None:
    values = [progression(heat) for heat in heats]
    names = list(STATISTICS)
    st.dataframe(
        {
            "statistic": [STATISTICS[name].title for name in names],
            first.letter: [float(values[0][name]) for name in names],
            second.letter: [float(values[1][name]) for name in names],
            "difference": [float(values[0][name] - values[1][name]) for name in names],
        },
        hide_index=True,
        height="content",
        key="pair-statistics",
        column_config={
            "statistic": st.column_config.TextColumn("Statistic"),
            **{name: st.column_config.NumberColumn(format="%.4g") for name in (first.letter, second.letter)},
            "difference": st.column_config.NumberColumn("Difference", format="%.4g"),
        },
        alt="Statistics of the two maps",
    )
