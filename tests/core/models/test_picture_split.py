"""Into how many tiles SmolVLM's image processor cuts a picture, against that processor."""

import numpy as np
import pytest
from transformers import SmolVLMImageProcessorPil

from core.models.picture_split import split_grid
from tests.some import some


def cut(height, width, longest, tile):
    """(rows, columns) by the image processor."""
    processor = SmolVLMImageProcessorPil(size={"longest_edge": longest}, max_image_size={"longest_edge": tile})
    found = processor(
        [np.zeros((height, width, 3), np.uint8)], return_row_col_info=True, input_data_format="channels_last"
    )
    return found["rows"][0][0], found["cols"][0][0]


@pytest.mark.parametrize(("longest", "tile"), [(40, 10), (30, 10), (10, 10), (44, 12)])
def test_it_is_the_image_processors(longest, tile):
    sizes = np.random.default_rng(0).integers(1, 90, (60, 2)).tolist()
    for height, width in some([*sizes, (20, 40), (10, 40), (11, 40), (40, 31), (1, 80), (80, 1), (33, 33)]):
        rows, columns = cut(height, width, longest, tile)
        assert split_grid((height, width), longest, tile) == (max(1, rows), max(1, columns)), (height, width)


def test_the_published_sizes():
    """SmolVLM2-500M: the longer side to 2,048 pixels, tiles of 512; a photo of 4,000 x 3,000 is 4 x 3 tiles."""
    assert split_grid((3000, 4000), 2048, 512) == (3, 4)
    assert split_grid((1000, 1000), 2048, 512) == (4, 4)
    assert split_grid((300, 3000), 2048, 512) == (1, 4)


def test_a_side_of_more_than_it_ever_goes():
    assert split_grid((3000, 4000), 8192, 512) == (6, 8)
