"""Where pixels lie: small pictures laid out by hand, and there and back."""

import numpy as np
import pytest
import torch

from core.models.pixel_layout import IMAGES, PATCHES
from core.models.token_layout import Rect, Tile, TokenLayout

LEFT, RIGHT = Rect(0, 0, 1, 0.5), Rect(0, 0.5, 1, 1)


def patches_of(image, merge, patch):
    """Qwen's layout, written out in loops: [patches, channel, frame, y, x] flattened."""
    height, width, _ = image.shape
    cell = merge * patch
    found = []
    for top in range(0, height, cell):
        for left in range(0, width, cell):
            for y in range(top, top + cell, patch):
                for x in range(left, left + cell, patch):
                    piece = image[y : y + patch, x : x + patch]
                    found.append(np.concatenate([np.tile(piece[..., c].ravel(), 2) for c in range(3)]))
    return torch.from_numpy(np.stack(found))


@pytest.fixture
def images():
    """Of 2 x 3 and of 1 x 2 cells, four pixels wide each."""
    generator = np.random.default_rng(0)
    return [generator.random((8, 12, 3), np.float32), generator.random((4, 8, 3), np.float32)]


def test_patches_there_and_back(images):
    layouts = (TokenLayout.single(2, 3), TokenLayout.single(1, 2))
    pixels = torch.cat([patches_of(image, 2, 2) for image in images])
    assert pixels.shape == (4 * 8, 3 * 2 * 4)
    found = PATCHES.unfold(pixels, layouts)
    for image, wanted in zip(found, images, strict=True):
        np.testing.assert_array_equal(image, wanted)
    assert torch.equal(PATCHES.fold(found, pixels, layouts), pixels)


def test_the_cells_and_channels_of_patches(images):
    layouts = (TokenLayout.single(2, 3), TokenLayout.single(1, 2))
    pixels = torch.cat([patches_of(image, 2, 2) for image in images])
    cells = PATCHES.cells(pixels, layouts)
    assert cells.shape == (32, 1) and cells[:, 0].tolist() == [cell for cell in range(8) for _ in range(4)]
    assert PATCHES.channels(pixels).tolist() == [0] * 8 + [1] * 8 + [2] * 8
    for cell, (index, top, left) in {0: (0, 0, 0), 4: (0, 4, 4), 7: (1, 0, 4)}.items():
        painted = [image.copy() for image in images]
        painted[index][top : top + 4, left : left + 4, 1] += 1
        changed = torch.cat([patches_of(image, 2, 2) for image in painted]) != pixels
        wanted = (cells == cell) & (PATCHES.channels(pixels) == 1)
        assert torch.equal(changed, wanted)


@pytest.mark.parametrize("shape", [(3, 3, 4, 6), (1, 3, 3, 4, 6)])
def test_images_there_and_back(shape):
    layout = TokenLayout((Tile(2, 2),), (LEFT, RIGHT, Rect()), 4)
    pixels = torch.rand(shape)
    found = IMAGES.unfold(pixels, (layout,))
    assert len(found) == 3 and found[0].shape == (4, 6, 3)
    np.testing.assert_array_equal(found[1][2, 5], pixels.reshape(3, 3, 4, 6)[1, :, 2, 5])
    assert torch.equal(IMAGES.fold(found, pixels, (layout,)), pixels)


def test_the_cells_and_channels_of_images():
    """Two tiles and a thumbnail of one picture, and a second picture in one image."""
    layouts = (TokenLayout((Tile(2, 2),), (LEFT, RIGHT, Rect()), 4), TokenLayout.single(1, 2))
    pixels = torch.rand(4, 3, 2, 2)
    cells = IMAGES.cells(pixels, layouts)
    assert cells.shape == (4, 1, 2, 2)
    assert cells[:, 0].tolist() == [[[0, 0], [2, 2]], [[1, 1], [3, 3]], [[0, 1], [2, 3]], [[4, 5], [4, 5]]]
    assert IMAGES.channels(pixels).expand(pixels.shape)[2, :, 1, 1].tolist() == [0, 1, 2]


def test_pixels_on_a_margin_belong_to_no_cell():
    # The second picture is padded above and below.
    layouts = (TokenLayout.single(1, 1), TokenLayout.single(2, 1, Rect(-0.5, 0, 1.5, 1)))
    cells = IMAGES.cells(torch.rand(2, 1, 3, 4, 1), layouts)
    assert cells.shape == (2, 1, 1, 4, 1)
    assert cells.flatten().tolist() == [0, 0, 0, 0, -1, 1, 1, -1]
