"""What is wrong with a map whatever it explains: sinks, layers without a gradient, a single hot cell.

Vision-token sinks are visual tokens with massive activations in a few channels (Sun et al. 2024,
arXiv:2402.17762) that gather attention whatever is asked (Kang et al. 2025, arXiv:2503.03321). A map that
multiplies by activation or attention is taken in by them. They are read off the map of the method
`activation_peak`, and are a fact about the model and the picture: no method removes them.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.errors import InputError
from core.schema import ExplainResult
from core.schema.methods import PEAK
from core.schema.time_steps import refuse_video

SINK_PEAK = 20.0
"""max |activation| over the root mean square, from which on Kang et al. call a token a sink."""

ROUNDING = 1e-6
"""Heat below this share of the hottest layer's is what float32 leaves of a zero: activation times gradient where
nothing but an RMSNorm follows, which is blind to a token's scale, so that A . G = 0 by Euler's theorem."""

Cell = tuple[int, ...]
"""(row, column), of a video (step, row, column)."""


@dataclass(frozen=True)
class Artefacts:
    """What is suspicious about one map.

    Attributes:
        sinks: the cell of every visual token that is a sink in any layer.
        sink_share: share of the map's heat that lies on them.
        hottest_share: share of the map's heat that lies on its hottest cell.
        blank: whether the map is zero everywhere, but for rounding.
        blank_layers: layers of the same method whose maps are zero everywhere, but for rounding.
        hottest_is_sink: whether its hottest cell is a sink.
        sinks_above: the layer from which on there are sinks, where the map is of gradients below it; else None.
    """

    sinks: tuple[Cell, ...] = ()
    sink_share: float = 0.0
    hottest_share: float = 0.0
    blank: bool = False
    blank_layers: tuple[int, ...] = ()
    hottest_is_sink: bool = False
    sinks_above: int | None = None


def sinks(peaks: np.ndarray, threshold: float = SINK_PEAK) -> tuple[Cell, ...]:
    """Cells that are a sink in at least one layer, in reading order.

    Args:
        peaks: [layers, grid_h, grid_w], of a video [layers, time, grid_h, grid_w], maps of `activation_peak`.
    """
    return tuple(tuple(map(int, cell)) for cell in np.argwhere((peaks >= threshold).any(0)))


def find_artefacts(
    heat: np.ndarray,
    peaks: np.ndarray,
    layers: dict[int, np.ndarray] | None = None,
    gradients_at: int | None = None,
) -> Artefacts:
    """What is suspicious about a map.

    Args:
        heat: [grid_h, grid_w], of a video [time, grid_h, grid_w]; finite, not negative.
        peaks: as for `sinks`.
        layers: layer -> map of the same method, to tell which are blank.
        gradients_at: at the input of which layer the map's gradients are taken, -1 for the pixels; None for a map that
            is not of one layer's gradients.
    """
    cells, total = sinks(peaks), float(heat.sum(dtype=np.float64))
    maxima = {layer: float(each.max()) for layer, each in (layers or {}).items()}
    rounding = ROUNDING * max(maxima.values(), default=0.0)
    blank = [layer for layer, hottest in maxima.items() if hottest <= rounding]
    if not heat.max() > rounding:
        return Artefacts(sinks=cells, blank=True, blank_layers=tuple(blank))
    on_sinks = sum(float(heat[cell]) for cell in cells) / total
    return Artefacts(
        cells,
        on_sinks,
        float(heat.max()) / total,
        False,
        tuple(blank),
        any(heat[cell] == heat.max() for cell in cells),
        _sinks_above(peaks, gradients_at),
    )


def _sinks_above(peaks: np.ndarray, gradients_at: int | None) -> int | None:
    """The first layer with sinks, where gradients are taken below it: they pass through what makes sinks of tokens."""
    layers_with = np.flatnonzero((peaks >= SINK_PEAK).any(tuple(range(1, peaks.ndim))))
    if gradients_at is None or not len(layers_with) or gradients_at >= layers_with[0]:
        return None
    return int(layers_with[0])


def as_mask(cells: tuple[Cell, ...], grid: tuple[int, ...]) -> np.ndarray:
    """Cells as bool [grid_h, grid_w], of a video [time, grid_h, grid_w]."""
    mask = np.zeros(grid, bool)
    for cell in cells:
        mask[cell] = True
    return mask


def without(heat: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The map with some cells at the mean of their neighbours outside the mask; for looking, never for numbers.

    Neighbours are the eight around a cell; one without any takes the mean of all cells outside the mask. Of a video,
    each step is filled by itself.

    Args:
        heat: float32 [grid_h, grid_w], of a video [time, grid_h, grid_w].
        mask: bool, same shape.

    Returns:
        float32, same shape; blank where the mask covers everything.
    """
    if not mask.any():
        return heat
    if heat.ndim == 3:
        return np.stack([without(*each) for each in zip(heat, mask, strict=True)])
    outside = (~mask).astype(np.float64)
    options = {"ksize": (3, 3), "normalize": False, "borderType": cv2.BORDER_CONSTANT}
    around, count = (cv2.boxFilter(each, -1, **options) for each in (heat * outside, outside))
    mean = (heat * outside).sum() / max(outside.sum(), 1)
    filled = np.where(count > 0.5, around / np.maximum(count, 1), mean)
    return np.where(mask, filled, heat).astype(np.float32)


def hide_sinks(result: ExplainResult, threshold: float = SINK_PEAK) -> tuple[ExplainResult, tuple[Cell, ...]]:
    """A result to be drawn, whose maps have sinks at the mean of their neighbours (see `without`), and the sinks.

    Args:
        result: of a call that asked for the method `activation_peak` as well. Sinks are those of its layers.

    Returns:
        A copy, and the cells; where there are none, the result as it is.

    Raises:
        InputError: that method was not asked for, or of another part of the model, whose cells are others.
    """
    refuse_video(result.request, "Hiding sinks")
    peaks = result.of(PEAK).heat
    if peaks.shape[1:] != result.heat.shape[1:]:
        raise InputError("Sinks were looked for in another part of the model than the map is of. Ask for one part.")
    cells = sinks(peaks, threshold)
    if not cells:
        return result, cells
    mask = as_mask(cells, result.heat.shape[1:])
    return replace(result, heat=np.stack([without(heat, mask) for heat in result.heat])), cells
