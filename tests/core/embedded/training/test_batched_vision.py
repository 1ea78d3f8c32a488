"""The vision tower for many pictures or clips at once computes what the stock tower does."""

import pytest
import torch
from transformers.vision_utils import get_vision_window_index

from core.embedded.training.batched_vision import encode_pictures
from core.embedded.training.pixels import pixels_of
from core.scenes.clips import compose_clip, still
from core.scenes.drawing import GRIDS, compose
from tests.core.embedded.training.grids import STEPS, WIDE


@pytest.mark.parametrize("steps", [1, STEPS])
@pytest.mark.parametrize("grid", [GRIDS[0], WIDE])
def test_batched_vision_equals_the_stock_tower(untrained, grid, steps):
    if steps == 1:
        clips = [still(compose(seed, grid=grid)) for seed in range(2)]
    else:
        clips = [compose_clip(seed, steps=steps, grid=grid) for seed in range(2)]
    pixels, thw = pixels_of(clips, untrained.image_processor)
    assert thw == (steps, 2 * grid[0], 2 * grid[1])
    visual = untrained.model.model.visual
    with torch.no_grad():
        # The stock tower keeps pictures, and the steps of each clip, apart by the lengths of their sequences.
        stock = visual(pixels.flatten(0, 1), grid_thw=torch.tensor([thw] * 2)).pooler_output
        ours = encode_pictures(visual, pixels, thw)
    torch.testing.assert_close(ours.flatten(0, 1), stock, rtol=1e-4, atol=1e-5)


def test_the_windows_of_that_test_are_not_all_of_one_size():
    _, borders = get_vision_window_index(torch.tensor([[1, 14, 20]]), 2, 112, 14)
    assert len(set(borders.diff().tolist())) > 1
