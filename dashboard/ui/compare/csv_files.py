"""The numbers behind Compare's charts as CSV; text that looks like a formula is made text."""

import csv
import html
import io
from collections.abc import Iterable, Sequence

import numpy as np

from core.analysis.concentration import Statistic
from core.export.tables import safe_cell
from dashboard.charts.depth import DepthLine


def depth_csv(lines: Sequence[DepthLine], statistics: Sequence[Statistic], base: str | None = None) -> str:
    """One row for each run, layer and statistic. `difference_from` is empty where values are the run's own."""
    rows = (
        (
            html.unescape(line.label),
            layer,
            line.total,
            each.name,
            _number(line.values[each.name][at]),
            _number(line.errors[each.name][at] if each.name in line.errors else np.nan),
            base or "",
        )
        for line in lines
        for each in statistics
        for at, layer in enumerate(line.layers)
    )
    return to_csv(("run", "layer", "layers_of_model", "statistic", "value", "standard_error", "difference_from"), rows)


def matrix_csv(rows: Sequence[int], columns: Sequence[int], values: np.ndarray, name: str) -> str:
    """One row for each pair of layers."""
    pairs = ((row, column, _number(values[i, j])) for i, row in enumerate(rows) for j, column in enumerate(columns))
    return to_csv(("layer", "other_layer", name), pairs)


def map_csv(named: dict[str, np.ndarray]) -> str:
    """One row for each cell of maps on one grid, a column each."""
    cells = np.ndindex(next(iter(named.values())).shape)
    rows = ((*cell, *(_number(each[cell]) for each in named.values())) for cell in cells)
    return to_csv(("row", "column", *named), rows)


def to_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under a head; text is made safe for spreadsheets, numbers stay as they are."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([safe_cell(cell) for cell in head])
    writer.writerows([safe_cell(cell) if _is_text(cell) else cell for cell in row] for row in rows)
    return page.getvalue()


class _Number(str):
    """Digits that were written here: a negative number begins with a minus, and is no formula."""


def _number(value: float) -> str:
    return _Number(f"{value:.9g}") if np.isfinite(value) else _Number("")


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and not isinstance(cell, _Number)
