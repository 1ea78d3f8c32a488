"""Where tiles stand on a figure."""

import numpy as np
import pytest

from core.errors import InputError
from core.rendering.captions import ColourBar
from core.rendering.paper import tiles
from core.rendering.paper.sheet import GAP, Raster, Text
from core.rendering.paper.tiles import TALLEST, Tile, tiles_figure


@pytest.fixture
def sheets(monkeypatch):
    """What would have been drawn."""
    found = []
    monkeypatch.setattr(tiles, "draw", lambda sheet, *_: found.append(sheet) or b"")
    return found


def rasters(sheet):
    return [item for item in sheet.items if isinstance(item, Raster)]


def picture(height=60, width=90):
    return np.zeros((height, width, 3), np.uint8)


def test_one_fills_the_width(sheets):
    tiles_figure([Tile("", picture())])
    (raster,) = rasters(sheets[0])
    assert (raster.left, raster.top, raster.width) == (0, 0, 85) and raster.height == pytest.approx(85 * 60 / 90)
    assert sheets[0].height == raster.height


def test_several_share_it_and_rows_are_even(sheets):
    tiles_figure([Tile(f"Layer {number}", picture()) for number in range(9)], width="page")
    drawn = rasters(sheets[0])
    side = (175 - 4 * GAP) / 5
    assert [round(each.left, 6) for each in drawn[:5]] == [round(number * (side + GAP), 6) for number in range(5)]
    assert len({each.top for each in drawn}) == 2 and drawn[5].top > drawn[0].top + drawn[0].height
    titles = [item for item in sheets[0].items if isinstance(item, Text)]
    assert [title.text for title in titles] == [f"Layer {number}" for number in range(9)]
    assert all(title.baseline < raster.top for title, raster in zip(titles, drawn, strict=True))


def test_no_figure_is_taller_than_a_page(sheets):
    tiles_figure([Tile("", picture(2000, 20))])
    (raster,) = rasters(sheets[0])
    assert raster.height == pytest.approx(TALLEST) and raster.left == pytest.approx((85 - raster.width) / 2)
    tiles_figure([Tile(f"Layer {number}", picture(90, 60)) for number in range(48)])
    assert sheets[1].height <= TALLEST + 10


def test_small_tiles_of_a_large_picture_have_no_more_pixels_than_print_shows(sheets):
    large = picture(900, 1200)
    tiles_figure([Tile("", large)])
    tiles_figure([Tile("a", large)] * 4)
    assert rasters(sheets[0])[0].pixels.shape == (900, 1200, 3)
    assert rasters(sheets[1])[0].pixels.shape[1] == pytest.approx((85 - 3 * GAP) / 4 / 25.4 * 1200, abs=1)


def test_a_threshold_leaves_its_part_of_the_bar_white(sheets):
    tiles_figure([Tile("", picture())], bar=ColourBar("viridis", 3.0, "logits", threshold=0.25))
    bar = rasters(sheets[0])[1].pixels[0]
    assert (bar[:255] == 255).all() and not (bar[260:] == 255).all(-1).any()


def test_long_words_are_cut_and_what_cannot_be_seen_is_named(sheets):
    tiles_figure([Tile("", picture())], lines=["word " * 2000, "photo\u202egnp"])
    rows = [item.text for item in sheets[0].items if isinstance(item, Text)]
    assert len(rows) == 7 and rows[5].endswith("…") and rows[6] == "photo⟪U+202E⟫gnp"


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="no map to draw"):
        tiles_figure([])
