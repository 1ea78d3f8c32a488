"""What sizes and files of figures can be asked for."""

import pytest

from core.errors import InputError
from core.rendering.paper.sizes import check_file, width_mm


def test_widths_are_names_or_millimetres():
    assert [width_mm(width) for width in ("column", "page", 120, 88.9, "140")] == [85, 175, 120, 88.9, 140]


@pytest.mark.parametrize("width", ["wide", "", None, True, 39, 421, float("nan"), float("inf"), [85], b"column"])
def test_other_widths_are_refused(width):
    with pytest.raises(InputError, match="The width of a figure is 'column' or 'page', or a number of millimetres"):
        width_mm(width)


@pytest.mark.parametrize(("format", "dpi"), [("gif", 300), (None, 300), ("pdf", 0), ("pdf", 1201), ("png", 300.0)])
def test_other_files_are_refused(format, dpi):
    with pytest.raises(InputError):
        check_file(format, dpi)
