"""Two runs' maps and their difference: for the panes on the page, for files, and why there may be none."""

from collections.abc import Sequence

import numpy as np

from core.heatmap import difference as difference_of
from core.rendering.overlay import fit, overlay
from dashboard.charts.pair import Pane
from dashboard.language import N_, _
from dashboard.ui import images
from dashboard.ui.compare.map_choice import MapChoice, heading, heat_at, layer_of, name_of, shown_map, unit_at
from dashboard.ui.compare.measures import Compared
from dashboard.ui.drawing.maps import Difference
from dashboard.ui.drawing.panes import Side, reel

SIDE = 720
"""Longer side of a picture, in pixels: it can be zoomed in on."""
EVEN = N_("heat over that of an even map")
"""The unit of a map over its own mean."""


def why_no_difference(first: Compared, second: Compared) -> str | None:
    """Why two runs' maps have no difference cell by cell; None where they have one."""
    if first.run.request.image == second.run.request.image:
        return None
    return _(
        "{first} and {second} are about different pictures: a cell of one shows something else than the same cell of "
        "the other, so a difference of their maps would say nothing.",
        first=first.letter,
        second=second.letter,
    )


def pair_panes(
    first: Compared, second: Compared, choice: MapChoice, scale: str | None
) -> tuple[list[Pane], dict[str, np.ndarray]]:
    """(both maps over their pictures and their difference, the numbers of the difference).

    Args:
        choice: a map that both hold.
        scale: as of `core.heatmap.difference`; None for no difference.
    """
    chosen = first, second
    heats = [heat_at(each.run, choice) for each in chosen]
    pictures = [fit(images.preview(each.run), SIDE) for each in chosen]
    panes = [
        Pane(_title(each, choice), overlay(pixels, heat), heat, unit=unit_at(each.run, choice))
        for each, pixels, heat in zip(chosen, pictures, heats, strict=True)
    ]
    if scale is None:
        return panes, {}
    framed, difference = difference_of(*heats, scale)
    unit = _unit(first, choice, scale)
    panes.append(Pane(difference_title(first, second), grey(pictures[0]), difference, True, unit))
    return panes, {first.mark: framed[0], second.mark: framed[1], "difference": difference}


def pair_reel(first: Compared, second: Compared, choices: Sequence[MapChoice], scale: str | None) -> bytes:
    """What the browser draws: both runs' maps, and their differences.

    Args:
        choices: maps that both hold.
        scale: as of `core.heatmap.difference`; None for no difference.
    """
    chosen = first, second
    sides = [
        Side(
            fit(images.preview(each.run), SIDE),
            [shown_map(each.run, choice) for choice in choices],
            [_title(each, choice) for choice in choices],
        )
        for each in chosen
    ]
    if scale is not None:
        differences = [_difference(first, second, choice, scale) for choice in choices]
        title = difference_title(first, second)
        sides.append(Side(grey(sides[0].pixels), differences, [title] * len(choices)))
    named = [(choice, heading(chosen, choice)) for choice in choices]
    return reel(sides, named, [each.letter for each in chosen], swipes=scale is not None)


def one_unit(first: Compared, second: Compared, choice: MapChoice) -> bool:
    return unit_at(first.run, choice) == unit_at(second.run, choice)


def _difference(first: Compared, second: Compared, choice: MapChoice, scale: str) -> Difference:
    scale = scale if one_unit(first, second, choice) else "share"
    heats = [heat_at(each.run, choice) for each in (first, second)]
    return Difference(layer_of(choice), difference_of(*heats, scale)[1], _unit(first, choice, scale))


def _title(each: Compared, choice: MapChoice) -> str:
    return _("{letter}, {map}", letter=each.mark, map=name_of(each.run, choice))


def difference_title(first: Compared, second: Compared) -> str:
    """What the difference of two runs' maps is called."""
    return _("{first} less {second}", first=first.letter, second=second.letter)


def _unit(first: Compared, choice: MapChoice, scale: str) -> str:
    return _(EVEN) if scale == "share" else unit_at(first.run, choice)


def grey(pixels: np.ndarray) -> np.ndarray:
    """A picture as a difference is laid over it."""
    shade = pixels.mean(-1, keepdims=True)
    return np.repeat(128 + (shade - 128) * 0.6, 3, axis=-1).astype(np.uint8)
