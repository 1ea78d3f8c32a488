"""GLM-4.6V: how many visual tokens its image processor makes of a picture, whose pixels it counts twice."""

import json

import numpy as np
import pytest
from transformers import Glm46VImageProcessorPil

from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.visual_token_count import most_visual_tokens
from tests.conftest import gradient_picture
from tests.core.models.families.slow import QUESTION
from tests.some import some


def test_visual_tokens_of_many_sizes_are_told(folder_of):
    folder = folder_of("glm46v")
    size = json.loads((folder / "preprocessor_config.json").read_text())["size"]
    processor = Glm46VImageProcessorPil(size=size)
    for width, height in some(np.random.default_rng(0).integers(10, 700, (200, 2)).tolist()):
        wanted = processor.get_number_of_image_patches(height, width) // 4
        assert most_visual_tokens([(width, height)], folder) == wanted


@pytest.mark.parametrize("pixels", [20_000, 45_000, 10**6])
def test_a_budget_is_of_the_picture_not_of_both_frames(explainer_of, folder_of, pixels):
    prepared = prepare(explainer_of("glm46v").loaded, load_picture(gradient_picture(300, 420)), QUESTION, pixels)
    tokens = len(prepared.visual)
    assert tokens == most_visual_tokens([(420, 300)], folder_of("glm46v"), pixels)
    assert 0.75 * min(pixels, 300 * 420) < tokens * 28**2 <= max(pixels, 300 * 420 * 1.1)
