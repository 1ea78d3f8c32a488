"""Gemma 4: how many tokens a picture takes, how its patches are laid out, and layers that share keys and values."""

import json

import numpy as np
import pytest
import torch
from transformers.models.gemma4.image_processing_pil_gemma4 import get_aspect_ratio_preserving_size

from core.engine.one_pass import explain_chunk
from core.inference.forward import answer_logits, build_sequence, encode
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.checkpoints import describe_model
from core.models.hooks import frozen
from core.models.pixel_layout import POOLED_PATCHES
from core.models.visual_token_count import most_visual_tokens
from core.schema.model_parts import DecoderDepth
from tests.conftest import gradient_picture
from tests.core.models.families.slow import QUESTION, Slow
from tests.core.models.families.test_family_maps import request_for
from tests.some import some


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("gemma4").loaded


def test_visual_tokens_of_many_sizes_are_told(folder_of):
    for width, height in some([*np.random.default_rng(0).integers(20, 900, (200, 2)).tolist(), (2000, 9), (9, 2000)]):
        rows, columns = get_aspect_ratio_preserving_size(height, width, 5, 140 * 9, 3)
        assert most_visual_tokens([(width, height)], folder_of("gemma4")) == rows * columns // 15**2


@pytest.mark.parametrize(
    ("pixels", "most"), [(4 * 28 * 28, 70), (70 * 225, 70), (139 * 225, 70), (140 * 225, 140), (10**7, 140)]
)
def test_a_budget_is_one_of_a_few_sizes(loaded, folder_of, pixels, most):
    prepared = prepare(loaded, load_picture(gradient_picture(120, 200)), QUESTION, pixels)
    tokens = len(prepared.visual)
    assert 0.8 * most < tokens <= most and tokens == most_visual_tokens([(200, 120)], folder_of("gemma4"), pixels)


def test_pixels_unfold_into_the_picture_and_back(loaded, pictures):
    prepared = prepare(loaded, pictures, QUESTION)
    images = POOLED_PATCHES.unfold(prepared.pixel_values, prepared.layouts)
    for image, layout, picture in some(zip(images, prepared.layouts, pictures, strict=True)):
        rows, columns = layout.grid
        assert image.shape == (rows * 15, columns * 15, 3) and 0 <= image.min() and image.max() <= 1.001
        # A gradient: as in the picture, corner by corner.
        corners = (slice(0, 5), slice(-5, None))
        for down in corners:
            for across in corners:
                wanted = picture.pixels[down, across].mean((0, 1)) / 255
                np.testing.assert_allclose(image[down, across].mean((0, 1)), wanted, atol=0.06)
    assert torch.equal(POOLED_PATCHES.fold(images, prepared.pixel_values, prepared.layouts), prepared.pixel_values)


def test_the_last_layers_share_keys_and_values(loaded, folder_of, picture):
    """What the picture's tokens are there counts for nothing; attention to them counts."""
    wanted = DecoderDepth(4, (0, 1, 2, 3), 2)
    assert loaded.decoder == describe_model(folder_of("gemma4"), "cpu").decoder == wanted
    slow = Slow.of(loaded, picture)
    requests = [request_for(name, 4, noise_std=0.0) for name in ("gradient_norm", "attention")]
    with loaded.lock, frozen(loaded.model):
        norm, attention = explain_chunk(loaded, slow.prepared, slow.answer, requests, range(1))
    assert (norm.mean[:2].max(1) > 0).all() and not norm.mean[2:].any() and attention.mean[3].max() > 0


@pytest.mark.parametrize(
    "change", [{"use_bidirectional_attention": None}, {"hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0}]
)
def test_larger_and_smaller_ones(altered, folder_of, picture, change):
    """Small ones see pictures one way only; large ones have no embeddings for each layer."""
    text = json.loads((folder_of("gemma4") / "config.json").read_text())["text_config"] | change
    slow = Slow.of(altered("gemma4", weights=True, config={"text_config": text}).loaded, picture)
    sequence = build_sequence(slow.loaded, slow.prepared, slow.answer)
    with torch.no_grad():
        features = encode(slow.loaded, sequence, slow.prepared.pixel_values[None])
        found = answer_logits(slow.loaded, sequence, features, torch.arange(len(slow.ids)))
    torch.testing.assert_close(found[0], slow.outputs().logits[0, slow.rows].detach(), rtol=1e-3, atol=1e-3)
