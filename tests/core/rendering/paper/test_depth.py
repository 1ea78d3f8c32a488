"""The figure of concentration over depth."""

import io
import xml.etree.ElementTree as ElementTree

import pytest

from core.errors import InputError
from core.rendering.paper.depth import depth_figure

SVG = "{http://www.w3.org/2000/svg}"


def texts(data):
    return [element.text for element in ElementTree.fromstring(data).iter(f"{SVG}text")]


def test_three_charts_below_each_other_in_a_column_and_side_by_side_on_a_page(make_result):
    pypdf = pytest.importorskip("pypdf")
    sizes = []
    for width in ("column", "page"):
        data = depth_figure(make_result(), width=width)
        (page,) = pypdf.PdfReader(io.BytesIO(data)).pages
        sizes.append([float(side) * 25.4 / 72 for side in page.mediabox[2:]])
        said = page.extract_text()
        assert "Normalised entropy" in said and "Gini" in said and said.count("decoder layer") == 3
    (column, tall), (wide, low) = sizes
    assert (round(column), round(wide)) == (85, 175) and low < tall / 2


def test_axes_and_fonts_of_an_svg(make_result):
    data = depth_figure(make_result(part="tower"), "svg", "page")
    said = texts(data)
    assert "Share of the hottest 10 %" in said and said.count("vision tower block") == 3 and "0.0" in said
    assert data.count(b"@font-face") == 1


def test_one_map_in_all_has_no_depth(make_result):
    with pytest.raises(InputError, match="TAM gives one map in all, which has no depth"):
        depth_figure(make_result(layers=(), method="tam"))
