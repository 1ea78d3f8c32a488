import numpy as np
import pytest

from core.rendering import overlay as overlay_module
from core.rendering.overlay import (
    COLORMAPS,
    SHADES,
    colorize,
    colours,
    enlarge,
    fit,
    heatmap,
    normalise,
    outline,
    overlay,
    shades,
    sheet,
    sureness,
)


def test_normalise_keeps_zero_and_divides_by_the_maximum():
    assert normalise(np.array([[0.0, 1.0], [2.0, 4.0]])).tolist() == [[0, 0.25], [0.5, 1]]
    assert normalise(np.array([[1.0, 8.0]]), maximum=4).tolist() == [[0.25, 1]]
    assert normalise(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]
    assert normalise(np.full((1, 2), 5.0)).tolist() == [[1, 1]]  # flat is flat, not blank


def test_blocks_cover_the_picture_exactly():
    big = enlarge(np.array([[1, 2, 3], [4, 5, 6]], np.float32), (30, 20), smooth=False)
    assert big.shape == (20, 30)
    assert (big[:10, :10] == 1).all() and (big[10:, 20:] == 6).all()


def test_smooth_enlargement_does_not_overshoot_and_keeps_the_peak_in_its_cell():
    heat = np.zeros((6, 9), np.float32)
    heat[2, 5] = 1
    big = enlarge(heat, (252, 168))
    assert big.min() >= 0 and big.max() <= 1
    row, column = np.unravel_index(big.argmax(), big.shape)
    assert row // 28 == 2 and column // 28 == 5


def test_colours_are_rgb():
    low, high = colorize(np.array([[0.0, 1.0]]), "jet")[0]
    assert low[2] > low[0] and high[0] > high[2]  # jet runs from blue to red


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colour_map_draws(name):
    drawn = heatmap(np.eye(3, dtype=np.float32), (30, 30), name)
    assert drawn.shape == (30, 30, 3) and drawn.dtype == np.uint8 and drawn.std() > 10


def test_overlay_opacity():
    pixels = np.full((20, 30, 3), 100, np.uint8)
    heat = np.eye(2, 3, dtype=np.float32)
    assert (overlay(pixels, heat, 0.0) == pixels).all()
    assert (overlay(pixels, heat, 1.0, even=True) == heatmap(heat, (30, 20))).all()
    half = overlay(pixels, heat, 0.5, even=True).astype(int)
    assert np.abs(half - (heatmap(heat, (30, 20)).astype(int) + 100) / 2).max() <= 1


def test_opacity_follows_the_heat():
    pixels = np.full((1, 4, 3), 100, np.uint8)
    heat = np.array([[0, 1, 2, 4]], np.float32)
    drawn = overlay(pixels, heat, 0.8, smooth=False)[0].astype(float)
    for value, pixel in zip((0, 0.25, 0.5, 1), drawn, strict=True):
        colour = colorize(np.array([value]))[0]
        assert np.abs(pixel - (100 + 0.8 * value * (colour - 100.0))).max() <= 1
    assert (drawn[0] == 100).all()  # a cold place looks as in the picture


def test_a_large_picture_is_drawn_like_a_small_one(monkeypatch):
    rng = np.random.default_rng(0)
    pixels, heat = rng.integers(0, 256, (61, 40, 3), dtype=np.uint8), rng.random((5, 7), np.float32)
    options = {"sureness": rng.random((5, 7), np.float32), "threshold": 0.3}
    for smooth in (True, False):
        whole = overlay(pixels, heat, smooth=smooth, **options)
        with monkeypatch.context() as patch:
            patch.setattr(overlay_module, "STRIP", 8)
            assert np.array_equal(overlay(pixels, heat, smooth=smooth, **options), whole)


@pytest.mark.parametrize("name", COLORMAPS)
def test_shades_are_opencvs_colours_and_those_between(name):
    given, found = colours(name).astype(float), shades(name)
    assert found.shape == (SHADES, 4) and (found[:, 3] == 255).all()
    assert (found[0, :3] == given[0]).all() and (found[-1, :3] == given[-1]).all()
    at = np.arange(SHADES) * 255 / (SHADES - 1)
    below = np.minimum(at.astype(int), 254)
    least, most = np.minimum(given[below], given[below + 1]), np.maximum(given[below], given[below + 1])
    assert (found[:, :3] >= least - 0.5).all() and (found[:, :3] <= most + 0.5).all()


def test_colour_fades_where_the_standard_error_is_large():
    heat = np.array([[4.0, 4.0, 4.0, 0.0, 0.0]])
    error = np.array([[0.0, 1.0, 3.0, 0.0, 1.0]])
    assert sureness(heat, error).tolist() == [[1, 0.5, 0, 1, 0]]
    # A small heat that varies by its own size is surely small; one that may be large is not.
    small = sureness(np.array([[4.0, 0.04, 0.04, 0.0]]), np.array([[0.0, 0.04, 0.4, 0.04]]))
    assert np.allclose(small, [[1, 0.8, 0, 0.8]])
    assert sureness(np.zeros((1, 2)), np.array([[0.0, 1.0]])).tolist() == [[1, 0]]
    assert sureness(np.ones((1, 2)), np.full((1, 2), np.nan)).tolist() == [[0, 0]]

    pixels = np.full((20, 30, 3), 100, np.uint8)
    heat, sure = np.ones((2, 3), np.float32), np.array([[1, 0, 1], [1, 1, 0.5]], np.float32)
    faded = overlay(pixels, heat, 0.8, smooth=False, sureness=sure)  # heat is the same everywhere
    plain = overlay(pixels, heat, 0.8, smooth=False)
    assert np.abs(faded[:10, :10].astype(int) - plain[:10, :10]).max() <= 1
    assert (faded[:10, 10:20] == 100).all()
    halfway = (plain[15, 25].astype(int) + 100) / 2
    assert np.abs(faded[15, 25] - halfway).max() <= 1


def test_an_outline_follows_the_edge_and_leaves_the_inside():
    pixels = np.full((60, 90, 3), 100, np.uint8)
    cells = np.zeros((2, 3), bool)
    cells[0, 1] = True
    drawn = outline(pixels, cells, (255, 0, 0))
    assert (pixels == 100).all()  # the picture itself stays
    assert (drawn[0, 31:59] == (255, 0, 0)).all() and (drawn[1:28, 30] == (255, 0, 0)).all()
    assert (drawn[29, 31:59] == (255, 0, 0)).all() and (drawn[1:28, 59] == (255, 0, 0)).all()
    assert (drawn[10:20, 40:50] == 100).all() and (drawn[40:] == 100).all() and (drawn[:, :25] == 100).all()
    assert (drawn[10, 28] == 0).all()
    assert (outline(pixels, np.zeros((2, 3), bool)) == pixels).all()


def test_fit_never_enlarges():
    assert fit(np.zeros((50, 100, 3), np.uint8), 40).shape == (20, 40, 3)
    assert fit(np.zeros((50, 100, 3), np.uint8), 400).shape == (50, 100, 3)
    assert fit(np.zeros((1, 3000, 3), np.uint8), 100).shape == (1, 100, 3)


def test_a_sheet_holds_every_tile_and_its_captions():
    red, blue = np.full((40, 60, 3), (255, 0, 0), np.uint8), np.full((80, 60, 3), (0, 0, 255), np.uint8)
    page = sheet([("one", red), ("two", blue), ("three", red)], columns=2, title="Title", tile_width=120)
    assert page.shape[1] == 2 * 120 + 3 * 16
    assert (page == (255, 0, 0)).all(-1).sum() == 2 * 120 * 80
    assert (page == (0, 0, 255)).all(-1).sum() == 120 * 160
    assert (page[:50].sum(-1) < 200).any()  # the title is written


def test_heat_below_the_threshold_leaves_the_picture_as_it_is():
    pixels = np.full((4, 8, 3), 100, np.uint8)
    heat = np.array([[0.2, 0.5, 1.0, 0.49]], np.float32)
    heat[0, 3] = 0.489  # below the edge, too
    drawn = overlay(pixels, heat, 0.5, smooth=False, threshold=0.5)
    changed = (drawn != pixels).any(-1)[0]
    assert changed.tolist() == [False, False, True, True, True, True, False, False]
    full = overlay(pixels, heat, 0.5, smooth=False)
    assert np.abs(drawn[:, 2:6].astype(int) - full[:, 2:6]).max() <= 1
    assert np.array_equal(overlay(pixels, heat, 0.5, threshold=0.0), overlay(pixels, heat, 0.5))
    half_sure = overlay(pixels, heat, 0.5, smooth=False, sureness=np.zeros((1, 4)), threshold=0.5)
    assert np.array_equal(half_sure, pixels)
