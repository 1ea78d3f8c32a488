"""How alike maps are: rank correlation, overlap of the hottest cells, and how far the heat moves, layer by layer.

Maps of one shape only; `core.heatmap` brings maps of other grids to one.
"""

from dataclasses import dataclass

import numpy as np

from core.analysis.concentration import Statistic
from core.analysis.location import centre
from core.heatmap import ranks

TOP = 0.1

STEPS: dict[str, Statistic] = {
    statistic.name: statistic
    for statistic in (
        Statistic(
            "step_rank",
            "Rank correlation with the layer before",
            "Spearman's: 1 the same order of cells, 0 none in common or a blank map, -1 the reverse.",
            "Spearman's rho, -1 to 1",
            "Spearman 1904",
        ),
        Statistic(
            "step_overlap",
            "Overlap with the layer before",
            "Share of the hottest tenth of cells that both layers have: 1 all, 0.1 as by chance or for a blank map.",
            "share of the hottest 10 %, 0 to 1",
        ),
        Statistic(
            "step_shift",
            "Shift of the centre of mass",
            "Distance from the layer before, in picture coordinates: 0 to 1.41.",
            "picture sizes, 0 to 1.41",
        ),
    )
}
"""What compares a layer with the one before it among those that a run holds; the first layer has none of it."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """Maps against maps.

    Attributes:
        rank: Spearman's rank correlation, float64 [first maps, second maps], in [-1, 1]; 0 for a constant map.
        overlap: share of the hottest tenth in common, same shape, in [0, 1].
    """

    rank: np.ndarray
    overlap: np.ndarray


def similarity(first: np.ndarray, second: np.ndarray | None = None) -> Similarity:
    """Every map of `first` against every one of `second`, or of `first` itself.

    Args:
        first, second: [maps, grid_h, grid_w], or [maps, time, grid_h, grid_w] of videos: all steps together.

    Raises:
        ValueError: their grids differ.
    """
    second = first if second is None else second
    if first.shape[1:] != second.shape[1:]:
        raise ValueError(f"maps of shapes {first.shape[1:]} and {second.shape[1:]} cannot be compared cell by cell")
    each = (first,) if second is first else (first, second)
    orders = [np.stack([_order(heat) for heat in heats]) for heats in each]
    hot = [np.stack([_hottest(heat) for heat in heats]) for heats in each]
    overlap = np.stack([np.minimum(one, hot[-1]).sum(1) for one in hot[0]]) / (TOP * first[0].size)
    return Similarity(np.clip(orders[0] @ orders[-1].T, -1, 1), np.clip(overlap, 0, 1))


def agreement(maps: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of many maps with one.

    Args:
        maps: [..., grid_h, grid_w], of a video [..., time, grid_h, grid_w].
        reference: [grid_h, grid_w], of a video [time, grid_h, grid_w].

    Returns:
        float32 [...], in [-1, 1]; 0 for a constant map.

    Raises:
        ValueError: their grids differ.
    """
    if maps.shape[-reference.ndim :] != reference.shape:
        raise ValueError(
            f"maps of {maps.shape[-reference.ndim :]} cells cannot be held against one of {reference.shape}"
        )
    wanted = _order(reference)
    found = [_order(heat) @ wanted for heat in maps.reshape(-1, *reference.shape)]
    return np.clip(found, -1, 1).astype(np.float32).reshape(maps.shape[: -reference.ndim])


def steps(heat: np.ndarray) -> dict[str, np.ndarray]:
    """What changes from each layer to the next that is held.

    Args:
        heat: [layers, grid_h, grid_w], of a video [layers, time, grid_h, grid_w]; its centre is that in the picture.

    Returns:
        name of `STEPS` -> float64 [layers]; NaN for the first layer, which has none before it.
    """
    alike = similarity(heat)
    x, y = centre(heat, 3 if heat.ndim == 4 else 2)
    found = {
        "step_rank": np.diagonal(alike.rank, -1),
        "step_overlap": np.diagonal(alike.overlap, -1),
        "step_shift": np.hypot(np.diff(x), np.diff(y)),
    }
    return {name: np.concatenate([[np.nan], values]) for name, values in found.items()}


def _order(heat: np.ndarray) -> np.ndarray:
    """Ranks of the cells, centred and of length 1, so that a product is Spearman's rho; zeros for a constant map."""
    values = ranks(np.asarray(heat).ravel())
    values = values - values.mean()
    length = np.sqrt(values @ values)
    return values / length if length > 0 else values


def _hottest(heat: np.ndarray) -> np.ndarray:
    """How far each cell belongs to the hottest tenth, in [0, 1], with a sum of a tenth of the cells.

    Cells of equal heat share what is left of it, so that a blank map has a tenth of every cell and overlaps
    with any other as by chance.
    """
    values = np.asarray(heat, np.float64).ravel()
    tenth = TOP * values.size
    levels, inverse, counts = np.unique(-values, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return (np.clip(tenth - before, 0, counts) / counts)[inverse]
