"""LLaVA-OneVision: canvases of tiles, margins, ends of lines, and the resampling of too many tokens."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference.forward import build_sequence, encode
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.families.llava_onevision import OneVisionImageTextProcessor, _tiled
from core.models.token_layout import WHOLE, Rect
from tests.conftest import gradient_picture
from tests.core.models.families.configs import PINPOINTS
from tests.core.models.families.painting import paint_cells, paint_tokens
from tests.core.models.families.slow import Slow

PUBLISHED = SimpleNamespace(
    vision_config=SimpleNamespace(image_size=384, patch_size=14),
    image_grid_pinpoints=[[384 * rows, 384 * columns] for rows in range(1, 7) for columns in range(1, 7)],
    vision_aspect_ratio="anyres_max_9",
)

SMALL = SimpleNamespace(
    vision_config=SimpleNamespace(image_size=60, patch_size=14),
    image_grid_pinpoints=PINPOINTS,
    vision_aspect_ratio="anyres_max_9",
)


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("llava_onevision").loaded


def test_a_picture_that_fills_its_tiles():
    layout = _tiled(PUBLISHED, (384, 768))
    whole, fine = layout.tiles
    assert (whole.rows, whole.columns) == (27, 27) and (fine.rows, fine.columns) == (27, 54)
    assert layout.crops == (WHOLE, Rect(0, 0, 1, 0.5), Rect(0, 0.5, 1, 1)) and layout.grid == (27, 54)
    assert layout.length == 27 * 27 + 27 * 55 and layout.unplaced[:2] == (729 + 54, 729 + 109)
    # 27 patches of 14 pixels leave 6 of a tile's 384.
    assert whole.row_edges()[:, 26].tolist() == pytest.approx([364 / 384, 378 / 384])
    assert fine.column_edges()[:, 26].tolist() == pytest.approx([364 / 768, 378 / 768])
    assert fine.column_edges()[:, 27].tolist() == pytest.approx([384 / 768, 398 / 768])


def test_a_margin_is_cut_off():
    # 384 x 500 in a canvas of 384 x 768: 134 pixels on either side, of which whole tokens are cut.
    fine = _tiled(PUBLISHED, (384, 500)).tiles[1]
    assert (fine.rows, fine.columns) == (27, 36)  # 54 * 500 / 768 = 35.2: nine on each side
    left = fine.column_edges()[:, 0] * 500 + 134
    assert left.tolist() == pytest.approx([9 * 14, 10 * 14])


def test_too_many_tokens_are_resampled():
    fine = _tiled(PUBLISHED, (1536, 1536)).tiles[1]  # 108 x 108 tokens, where 81 x 81 are the most
    assert (fine.rows, fine.columns) == (81, 81)
    # The first is made of four thirds of a patch, the 81st ends with the last patch of the last tile.
    assert fine.row_edges()[:, 0].tolist() == pytest.approx([0, 14 * 4 / 3 / 1536])
    assert fine.row_edges()[1, -1].item() == pytest.approx((3 * 384 + 378) / 1536)


@given(st.integers(8, 400), st.integers(8, 400))
@settings(max_examples=60)
def test_the_count_is_the_processors(height, width):
    processor = OneVisionImageTextProcessor.__new__(OneVisionImageTextProcessor)
    processor.num_image_tokens, processor.vision_aspect_ratio = 16, "anyres_max_9"
    processor.image_processor = SimpleNamespace(image_grid_pinpoints=PINPOINTS)
    layout = _tiled(SMALL, (height, width))
    assert layout.length == processor._get_number_of_features(height, width, 60, 60)
    assert len(layout.unplaced) + layout.tokens == layout.length
    for tile in layout.tiles:
        for edges in (tile.row_edges(), tile.column_edges()):
            assert (edges[1] > edges[0]).all() and (edges[0, 1:] >= edges[1, :-1] - 1e-9).all()


@pytest.mark.parametrize("size", [(236, 240), (240, 236), (61, 239)])
def test_pictures_of_many_tiles(loaded, size):
    found, seen = paint_cells(loaded, size)
    assert found >= 4 and seen.all() and paint_tokens(loaded, size) >= 4


def test_resampled_features_are_the_models_own(loaded):
    slow = Slow.of(loaded, load_picture(gradient_picture(236, 240)))
    fine = slow.prepared.layouts[0].tiles[1]
    assert (fine.rows, fine.columns) == (12, 12)  # of 16 x 16
    sequence = build_sequence(loaded, slow.prepared, slow.answer)
    with torch.no_grad():
        found = encode(loaded, sequence, slow.prepared.pixel_values[None])[0]
        wanted = loaded.model.model.get_image_features(
            slow.prepared.pixel_values, torch.tensor([[236, 240]])
        ).pooler_output[0]
    torch.testing.assert_close(found, wanted)
    # Ends of lines are all the same, and stand for nothing in the picture.
    newline = loaded.model.model.image_newline
    assert torch.equal(found[list(slow.prepared.layouts[0].unplaced)], newline.expand(12, -1))


@pytest.mark.parametrize(("size", "rows"), [((8, 33), 0), ((33, 8), 4)])
def test_so_thin_that_no_token_of_the_tiles_is_left(loaded, size, rows):
    """The model then has the ends of lines alone, and the whole picture once."""
    slow = Slow.of(loaded, load_picture(gradient_picture(*size)))
    (layout,) = slow.prepared.layouts
    assert len(layout.tiles) == 1 and layout.length == 16 + rows and layout.unplaced == tuple(range(16, 16 + rows))
    sequence = build_sequence(loaded, slow.prepared, slow.answer)
    with torch.no_grad():
        assert encode(loaded, sequence, slow.prepared.pixel_values[None]).shape[1] == 16 + rows


def test_several_pictures_are_padded_and_not_tiled(loaded):
    pictures = [load_picture(gradient_picture(60, 120)), load_picture(gradient_picture(90, 90))]
    first, second = prepare(loaded, pictures, "x").layouts
    assert first.crops == (Rect(-0.5, 0, 1.5, 1),) and second.crops == (WHOLE,)
    assert [layout.length for layout in (first, second)] == [17, 17] and first.unplaced == (16,)
    assert first.grid == (2, 4) and second.grid == (4, 4)
