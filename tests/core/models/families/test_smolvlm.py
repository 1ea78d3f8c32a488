"""SmolVLM2: how a picture is cut into tiles, and what a pixel budget does to it."""

import pytest

from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.token_layout import WHOLE, Rect
from tests.conftest import gradient_picture
from tests.core.models.families.painting import paint_cells, paint_tokens


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("smolvlm").loaded


def seen(loaded, size, **options):
    prepared = prepare(loaded, load_picture(gradient_picture(*size)), "x", **options)
    (layout,) = prepared.layouts
    assert len(layout.crops) == prepared.pixel_values.shape[1] and layout.length == len(prepared.visual)
    return prepared, layout


@pytest.mark.parametrize(
    ("size", "tiles"), [((62, 124), (2, 4)), ((500, 100), (4, 1)), ((168, 168), (4, 4)), ((100, 1000), (1, 4))]
)
def test_the_longer_side_is_four_tiles_and_the_whole_follows(loaded, size, tiles):
    """Of 62 pixels, 56 are seen: four patches of 14, two on a token's side."""
    _, layout = seen(loaded, size)
    assert len(layout.tiles) == tiles[0] * tiles[1] + 1 and layout.crops[-1] == WHOLE
    assert all((tile.rows, tile.columns) == (2, 2) for tile in layout.tiles)
    assert layout.crops[0] == Rect(0, 0, 1 / tiles[0], 1 / tiles[1])
    assert layout.tiles[0].rect == Rect(0, 0, 56 / 62 / tiles[0], 56 / 62 / tiles[1])
    assert layout.tiles[-1].rect == Rect(0, 0, 56 / 62, 56 / 62)


def test_tiles_tokens_stand_apart_in_the_prompt(loaded):
    """Before each tile's, words say which one it is."""
    prepared, layout = seen(loaded, (62, 124))
    gaps = (prepared.visual.diff() > 1).nonzero().flatten() + 1
    assert gaps.tolist() == [4 * tile for tile in range(1, len(layout.tiles))]
    read = loaded.processor.tokenizer.decode(prepared.input_ids[0, prepared.visual[4] - 1 : prepared.visual[4]])
    assert read == "<row_1_col_2>"


@pytest.mark.parametrize(("pixels", "side"), [(1, 1), (62**2, 1), (4 * 62**2, 2), (15 * 62**2, 3), (10**9, 4)])
def test_a_budget_bounds_the_tiles_of_a_square(loaded, pixels, side):
    _, layout = seen(loaded, (200, 200), max_pixels=pixels)
    assert len(layout.tiles) == side**2 + (side > 1)


def test_a_picture_that_is_not_split(altered):
    loaded = altered("smolvlm", preprocessor_config={"do_image_splitting": False}).loaded
    _, layout = seen(loaded, (130, 203))
    assert layout.crops == (WHOLE,) and layout.cells == 4


@pytest.mark.parametrize("size", [(100, 1000), (1000, 100), (400, 300)])
def test_pictures_of_many_tiles(loaded, size):
    found, everywhere = paint_cells(loaded, size)
    assert found >= 4 and everywhere.all() and paint_tokens(loaded, size) >= 6
