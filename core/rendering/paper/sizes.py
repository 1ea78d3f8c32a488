"""What a figure shows, how large it is, and as what file: what can be asked for, checked. No matplotlib here."""

import math
from typing import Any, Literal, get_args

from core.errors import InputError, shown
from core.schema.checks import check_choice, check_whole

FigureFormat = Literal["pdf", "svg", "png"]
FORMATS: tuple[FigureFormat, ...] = get_args(FigureFormat)

Kind = Literal["overlay", "grid", "depth", "words"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a figure shows: one map, all layers or time steps, concentration over depth, a map a word."""

Width = Literal["column", "page"] | float
WIDTHS: dict[str, float] = {"column": 85.0, "page": 175.0}
"""Millimetres of one column and of both: CVPR and ICCV have 83.3 and 174.6, ICML 82.6 and 171.5, IEEE's journals 88.9
and 181.9, Nature 89 and 183. LaTeX brings a figure to the column's own width, which is 5 % off at most."""
NARROWEST, WIDEST = 40.0, 420.0
"""Millimetres; what is narrower has no room for a colour bar's numbers, and A3 is no wider."""
DPI = 300
"""Dots per inch of a PNG."""
DPIS = 36, 1200


def width_mm(width: Any) -> float:
    """A width in millimetres: "column", "page", or a number of millimetres, also as text.

    Raises:
        InputError: it is neither.
    """
    if isinstance(width, str) and width in WIDTHS:
        return WIDTHS[width]
    try:
        number = float("nan") if isinstance(width, bool) else float(width)
    except (TypeError, ValueError):
        number = float("nan")
    if not math.isfinite(number) or not NARROWEST <= number <= WIDEST:
        names = " or ".join(repr(name) for name in WIDTHS)
        raise InputError(
            f"The width of a figure is {names}, or a number of millimetres from {NARROWEST:.0f} to {WIDEST:.0f}, "
            f"not {shown(width)}."
        )
    return number


def check_file(format: Any, dpi: Any) -> None:
    """
    Raises:
        InputError: no such file can be written.
    """
    check_choice("format of a figure", format, FORMATS)
    check_whole("The dots per inch of a PNG", dpi, *DPIS)
