"""InternVL3: how a picture is cut into tiles, and what a pixel budget does to it."""

import json

import pytest
import torch

from core.inference.forward import answer_logits, build_sequence, encode
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.token_layout import WHOLE, Rect
from tests.conftest import gradient_picture
from tests.core.models.families.painting import paint_cells, paint_tokens
from tests.core.models.families.slow import Slow


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("internvl").loaded


def seen(loaded, size, **options):
    prepared = prepare(loaded, load_picture(gradient_picture(*size)), "x", **options)
    (layout,) = prepared.layouts
    assert len(layout.crops) == len(prepared.pixel_values) and layout.length == len(prepared.visual)
    return layout


def test_a_small_square_is_one_tile_without_a_thumbnail(loaded):
    layout = seen(loaded, (50, 50))
    assert layout.is_plain and layout.grid == (3, 3) and layout.crops == (WHOLE,)


@pytest.mark.parametrize(
    ("size", "tiles"), [((84, 168), (1, 2)), ((252, 84), (3, 1)), ((168, 168), (2, 2)), ((100, 1000), (1, 10))]
)
def test_tiles_and_a_thumbnail(loaded, size, tiles):
    layout = seen(loaded, size)
    assert len(layout.tiles) == tiles[0] * tiles[1] + 1 and layout.grid == (3 * tiles[0], 3 * tiles[1])
    assert layout.tiles[-1].rect == WHOLE and layout.tiles[0].rect == Rect(0, 0, 1 / tiles[0], 1 / tiles[1])
    # Row by row.
    assert layout.tiles[1].rect.left == (1 / tiles[1] if tiles[1] > 1 else 0)


@pytest.mark.parametrize(("pixels", "tiles"), [(1, 1), (84 * 84, 1), (2 * 84 * 84, 2), (84 * 84 * 7, 6)])
def test_a_budget_bounds_the_tiles(loaded, pixels, tiles):
    layout = seen(loaded, (200, 300), max_pixels=pixels)
    assert len([tile for tile in layout.tiles if tile.rect != WHOLE or len(layout.tiles) == 1]) == tiles


def test_a_budget_under_the_processors_own_least(altered):
    loaded = altered("internvl", preprocessor_config={"min_patches": 3}).loaded
    assert len(seen(loaded, (200, 300)).tiles) > 3
    assert len(seen(loaded, (200, 300), max_pixels=84 * 84).tiles) == 1


@pytest.mark.parametrize("size", [(100, 1000), (1000, 100), (400, 300)])
def test_pictures_of_many_tiles(loaded, size):
    found, everywhere = paint_cells(loaded, size)
    assert found >= 4 and everywhere.all() and paint_tokens(loaded, size) >= 6


@pytest.mark.parametrize("layer", [-1, -2])
@pytest.mark.parametrize("pooled", [False, True])
def test_towers_with_and_without_a_last_norm(altered, folder_of, picture, pooled, layer):
    """`use_mean_pooling` takes the last norm away; features come from any layer."""
    vision = json.loads((folder_of("internvl") / "config.json").read_text())["vision_config"]
    config = {"vision_feature_layer": layer, "vision_config": {**vision, "use_mean_pooling": pooled}}
    slow = Slow.of(altered("internvl", weights=True, config=config).loaded, picture)
    sequence = build_sequence(slow.loaded, slow.prepared, slow.answer)
    with torch.no_grad():
        found = answer_logits(
            slow.loaded,
            sequence,
            encode(slow.loaded, sequence, slow.prepared.pixel_values[None]),
            torch.arange(len(slow.ids)),
        )
        torch.testing.assert_close(found[0], slow.outputs().logits[0, slow.rows], rtol=1e-3, atol=1e-3)
