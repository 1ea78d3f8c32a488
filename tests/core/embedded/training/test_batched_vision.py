"""The vision tower for many pictures at once computes what the stock tower does."""

import pytest
import torch
from transformers.vision_utils import get_vision_window_index

from core.embedded.training.batched_vision import encode_pictures
from core.scenes.drawing import GRIDS, compose
from tests.core.embedded.training.grids import WIDE


@pytest.mark.parametrize("grid", [GRIDS[0], WIDE, GRIDS[-1]])
def test_batched_vision_equals_the_stock_tower(untrained, grid):
    images = [compose(seed, grid=grid).image for seed in range(2)]
    pixels = untrained.image_processor(images, return_tensors="pt")
    _, height, width = pixels["image_grid_thw"][0].tolist()
    assert (height, width) == (2 * grid[0], 2 * grid[1])
    visual = untrained.model.model.visual
    with torch.no_grad():
        stock = visual(pixels["pixel_values"], grid_thw=pixels["image_grid_thw"]).pooler_output
        ours = encode_pictures(visual, pixels["pixel_values"].unflatten(0, (2, -1)), (height, width))
    torch.testing.assert_close(ours.flatten(0, 1), stock, rtol=1e-4, atol=1e-5)


def test_the_windows_of_that_test_are_not_all_of_one_size():
    _, borders = get_vision_window_index(torch.tensor([[1, 14, 20]]), 2, 112, 14)
    assert len(set(borders.diff().tolist())) > 1
