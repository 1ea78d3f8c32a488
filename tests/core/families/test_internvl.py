"""InternVL3: how a picture is cut into tiles, and what a pixel budget does to it."""

import pytest

from core.images import load_picture
from core.prompt import prepare
from core.sight import WHOLE, Rect
from tests.conftest import gradient_picture
from tests.core.families.painting import paint_cells, paint_tokens


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("internvl").loaded


def seen(loaded, size, **options):
    prepared = prepare(loaded, load_picture(gradient_picture(*size)), "x", **options)
    (sight,) = prepared.sights
    assert len(sight.crops) == len(prepared.pixel_values) and sight.length == len(prepared.visual)
    return sight


def test_a_small_square_is_one_tile_without_a_thumbnail(loaded):
    sight = seen(loaded, (50, 50))
    assert sight.is_plain and sight.grid == (3, 3) and sight.crops == (WHOLE,)


@pytest.mark.parametrize(
    ("size", "tiles"), [((84, 168), (1, 2)), ((252, 84), (3, 1)), ((168, 168), (2, 2)), ((100, 1000), (1, 10))]
)
def test_tiles_and_a_thumbnail(loaded, size, tiles):
    sight = seen(loaded, size)
    assert len(sight.views) == tiles[0] * tiles[1] + 1 and sight.grid == (3 * tiles[0], 3 * tiles[1])
    assert sight.views[-1].rect == WHOLE and sight.views[0].rect == Rect(0, 0, 1 / tiles[0], 1 / tiles[1])
    # Row by row.
    assert sight.views[1].rect.left == (1 / tiles[1] if tiles[1] > 1 else 0)


@pytest.mark.parametrize(("pixels", "tiles"), [(1, 1), (84 * 84, 1), (2 * 84 * 84, 2), (84 * 84 * 7, 6)])
def test_a_budget_bounds_the_tiles(loaded, pixels, tiles):
    sight = seen(loaded, (200, 300), max_pixels=pixels)
    assert len([view for view in sight.views if view.rect != WHOLE or len(sight.views) == 1]) == tiles


def test_a_budget_under_the_processors_own_least(altered):
    loaded = altered("internvl", preprocessor_config={"min_patches": 3}).loaded
    assert len(seen(loaded, (200, 300)).views) > 3
    assert len(seen(loaded, (200, 300), max_pixels=84 * 84).views) == 1


@pytest.mark.parametrize("size", [(100, 1000), (1000, 100), (400, 300)])
def test_pictures_of_many_tiles(loaded, size):
    found, everywhere = paint_cells(loaded, size)
    assert found >= 4 and everywhere.all() and paint_tokens(loaded, size) >= 6


def test_a_tower_that_ends_with_a_norm(altered, picture):
    """`use_mean_pooling` decides about the last norm alone; features come from it either way."""
    explainer = altered("internvl", config={"vision_feature_layer": -2})
    assert explainer.explain(picture, "Where?", num_samples=1, max_new_tokens=3).heat.max() > 0
