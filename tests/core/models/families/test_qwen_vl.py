"""Qwen's three: windows of the decoder, and what Qwen3-VL adds to its first layers."""

import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.inference.forward import build_sequence, encode
from core.inputs.pictures import load_picture
from core.methods import attribution
from core.models.families.qwen_vl import _patches_by_matrix
from core.models.hooks import frozen
from tests.conftest import gradient_picture
from tests.core.models.families.slow import Slow
from tests.core.models.families.test_family_maps import request_for

QWEN = ("qwen2_5_vl", "qwen2_vl", "qwen3_vl")


@pytest.mark.parametrize("name", QWEN)
@pytest.mark.parametrize("size", [(130, 203), (300, 90), (33, 47)])
def test_the_grid_is_the_picture_in_tokens(explainer_of, name, size):
    loaded = explainer_of(name).loaded
    slow = Slow.of(loaded, load_picture(gradient_picture(*size)))
    (layout,) = slow.prepared.layouts
    _, rows, columns = slow.prepared.vision["image_grid_thw"][0].tolist()
    assert layout.grid == (rows // 2, columns // 2) and layout.is_plain and 16 <= layout.cells <= 80
    assert layout.cells == len(slow.prepared.visual)


@pytest.mark.parametrize("name", QWEN)
def test_patches_by_matrix_are_the_convolution(explainer_of, name):
    embed = explainer_of(name).loaded.model.model.visual.patch_embed
    patches = torch.randn(8, embed.proj.weight[0].numel())
    with torch.no_grad():
        wanted = embed(patches)
        with _patches_by_matrix(embed):
            torch.testing.assert_close(embed(patches), wanted.reshape(8, -1), rtol=1e-4, atol=1e-4)
    assert "forward" not in vars(embed)


def test_qwen3_has_features_for_its_first_layers(explainer_of, picture):
    loaded = explainer_of("qwen3_vl").loaded
    slow = Slow.of(loaded, picture)
    sequence, width = build_sequence(loaded, slow.prepared, slow.answer), 64
    with torch.no_grad():
        features = encode(loaded, sequence, slow.prepared.pixel_values[None])
        seen = loaded.model.model.get_image_features(slow.prepared.pixel_values, **slow.prepared.vision)
    assert features.shape == (1, len(sequence.visual), 3 * width)
    torch.testing.assert_close(features[0, :, :width], seen.pooler_output[0], rtol=1e-4, atol=1e-4)
    for level in (0, 1):
        added = torch.cat(list(seen.deepstack_features[level]))
        torch.testing.assert_close(features[0, :, (level + 1) * width :][:, :width], added, rtol=1e-4, atol=1e-4)
    assert (features[0, :, width:].abs() > 0).any()


def test_a_decoder_with_windows(altered, picture):
    """Qwen2's setting for long texts: some layers see only what is near. What is recorded says so."""
    windows = {"use_sliding_window": True, "sliding_window": 20, "max_window_layers": 1}
    explainer = altered("qwen2_vl", config=windows)
    assert explainer.loaded.model.config.text_config.layer_types[-1] == "sliding_attention"
    slow = Slow.of(explainer.loaded, picture)
    requests = [request_for(name, 3, noise_std=0.0) for name in ("attention", "gradient_norm")]
    with slow.loaded.lock, frozen(slow.loaded.model):
        attention, norm = explain_chunk(slow.loaded, slow.prepared, slow.answer, requests, range(1))
    looks = slow.attentions()
    assert (looks[2][0][:, -1, :10] == 0).all() and (looks[0][0][:, -1, :10] > 0).all()
    for layer, module in enumerate(slow.loaded.layers):
        wanted = looks[layer][0][:, slow.rows][..., slow.prepared.visual].mean(0).sum(0)
        torch.testing.assert_close(torch.tensor(attention.mean[layer]).float(), wanted, rtol=2e-3, atol=1e-5)
        wanted = attribution.gradient_norm(*slow.gradient(module, "input"))
        torch.testing.assert_close(torch.tensor(norm.mean[layer]).float(), wanted, rtol=2e-3, atol=1e-5)
