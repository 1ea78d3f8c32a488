"""Qwen's order of patches, written out by hand: those of one token follow each other, and windows, too."""

from types import SimpleNamespace

import torch

from core.models.families.qwen_vision_tower import merged_patches, patch_layouts, tower_blocks, windowed_patches
from core.models.token_layout import TokenLayout


def model_of(**settings):
    return SimpleNamespace(model=SimpleNamespace(visual=SimpleNamespace(spatial_merge_size=2, **settings)))


# A picture of 2 x 4 patches: two tokens, each of its own 2 x 2. Patches are named by where they lie, row by row.
ORDER = [0, 1, 4, 5, 2, 3, 6, 7]


def test_patches_of_a_token_go_back_to_their_rows():
    hidden = torch.tensor(ORDER, dtype=torch.float32)[:, None]
    found = merged_patches(model_of(), hidden, {}, [TokenLayout.single(2, 4)])
    assert found.shape == (1, 8, 1) and found.flatten().tolist() == list(range(8))


def test_pictures_and_samples_stay_apart():
    both = torch.tensor([*ORDER, 8, 9, 10, 11], dtype=torch.float32)  # the second picture is one token
    hidden = torch.cat([both, both + 100])[:, None]
    found = merged_patches(model_of(), hidden, {}, [TokenLayout.single(2, 4), TokenLayout.single(2, 2)])
    assert found[..., 0].tolist() == [list(range(12)), list(range(100, 112))]


def test_tokens_of_windows_are_put_into_their_rows_first():
    # 2 x 4 tokens in windows of 2 x 2 tokens: the first window holds tokens 0, 1, 4, 5, the second 2, 3, 6, 7.
    vision = {"image_grid_thw": torch.tensor([[1, 4, 8]])}
    in_rows = torch.arange(32.0).reshape(8, 4)  # token by token, row by row, as an image processor gives them
    windows = in_rows[torch.tensor([0, 1, 4, 5, 2, 3, 6, 7])].reshape(32, 1)
    model, layouts = model_of(window_size=56, patch_size=14), [TokenLayout.single(4, 8)]
    found = windowed_patches(model, windows, vision, layouts)
    assert torch.equal(found, merged_patches(model, in_rows.reshape(32, 1), vision, layouts))
    assert found[0, :8, 0].tolist() == [0, 1, 4, 5, 8, 9, 12, 13]  # the upper halves of tokens 0 to 3


def test_each_picture_is_one_grid_of_patches():
    inputs = SimpleNamespace(vision={"image_grid_thw": torch.tensor([[1, 4, 8], [1, 2, 2]])})
    assert patch_layouts(inputs, ()) == (TokenLayout.single(4, 8), TokenLayout.single(2, 2))


def test_all_blocks_become_features():
    blocks = object()
    assert tower_blocks(model_of(blocks=blocks)) is blocks
