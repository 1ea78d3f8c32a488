"""How concentrated a result's heat is over depth, as a figure for a paper."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from core.analysis.concentration import HEADLINE, STATISTICS, progression
from core.analysis.standard_errors import standard_errors
from core.errors import InputError
from core.rendering.paper.drawing import draw
from core.rendering.paper.fonts import writing
from core.rendering.paper.sheet import GAP, SIZE, Chart, Sheet
from core.rendering.paper.sizes import DPI, FigureFormat, Width, check_file, width_mm
from core.schema import ExplainResult
from core.schema.checks import check_instance
from core.schema.layers import thirds
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS

BESIDE = 120.0
"""Millimetres from which on the charts stand side by side."""
_HEIGHT, _LEFT, _BELOW = 30.0, 11.0, 7.5
_LINE, _SHADE = "#2a6f97", "#f0f0f0"


def depth_figure(
    result: ExplainResult, format: FigureFormat = "pdf", width: Width = "column", *, dpi: int = DPI
) -> bytes:
    """Entropy, Gini coefficient and share of the hottest tenth over layers, with a band of one standard error.

    Thirds of the depth are shaded in turn; a dotted line marks the layer that is most like the combined map.

    Args: as of `core.rendering.paper.tiles.tiles_figure`.

    Raises:
        InputError: the method has no map for each layer, or an argument is out of its range.
    """
    check_instance("What is drawn", result, ExplainResult, "an ExplainResult")
    check_file(format, dpi)
    if not result.layers:
        title = METHODS[result.request.method].title
        raise InputError(f"{title} gives one map in all, which has no depth. Draw its overlay, or another method's.")
    axes = 3 if result.steps else 2
    values = progression(result.heat, axes=axes)
    errors = standard_errors(result.heat, result.stderr, partial(progression, axes=axes))
    words = [word for name in HEADLINE for word in (STATISTICS[name].title, STATISTICS[name].axis)]
    with writing("".join([*words, PARTS[result.request.part].axis])) as font:
        sheet = Sheet(width_mm(width), font)
        beside = sheet.width >= BESIDE
        count = len(HEADLINE) if beside else 1
        across = (sheet.width - (count - 1) * GAP) / count
        for number, name in enumerate(HEADLINE):
            column, row = (number, 0) if beside else (0, number)
            left, top = column * (across + GAP), row * (_HEIGHT + sheet.line + _BELOW + GAP)
            sheet.text(STATISTICS[name].title, left + _LEFT, top)
            chart = partial(_draw, sheet, result, name, values[name], errors[name])
            place = left + _LEFT, top + 1.1 * sheet.line, across - _LEFT - 1
            sheet.items.append(Chart(*place, _HEIGHT, chart))
            sheet.height = top + 1.1 * sheet.line + _HEIGHT + _BELOW
        return draw(sheet, format, dpi)


def _draw(
    sheet: Sheet, result: ExplainResult, name: str, values: np.ndarray, errors: Sequence[float], axes: Any
) -> None:
    layers, errors, total = np.array(result.layers), np.nan_to_num(errors), result.total_layers
    for number, third in enumerate(thirds(total).values()):
        if len(third) and number % 2 == 0:
            axes.axvspan(third[0] - 0.5, third[-1] + 0.5, color=_SHADE, linewidth=0)
    if result.recommended_layer is not None:
        axes.axvline(result.recommended_layer, color="#808080", linewidth=0.6, linestyle=":")
    axes.fill_between(layers, np.maximum(values - errors, 0), values + errors, color=_LINE, alpha=0.25, linewidth=0)
    axes.plot(layers, values, color=_LINE, linewidth=0.9, marker="o", markersize=2)
    axes.set(xlim=(-0.5, total - 0.5), ylim=(0, max(1e-9, float((values + errors).max()) * 1.08)))
    axes.xaxis.get_major_locator().set_params(integer=True)
    small = sheet.font.of_size(SIZE - 1)
    axes.set_xlabel(PARTS[result.request.part].axis, fontproperties=small, labelpad=1.5)
    axes.set_ylabel(STATISTICS[name].axis, fontproperties=small, labelpad=2)
