"""What config.json tells, without torch."""

import json
import subprocess
import sys

import pytest

from core.memory.fit import dimensions_of
from core.models.checkpoints import describe_model
from core.models.dimensions import Dimensions, Tower, read_dimensions

OLD = {  # as the published folders have it: all in one level, with gaps
    "hidden_size": 2048,
    "intermediate_size": 11008,
    "num_attention_heads": 16,
    "num_hidden_layers": 36,
    "num_key_value_heads": 2,
    "vocab_size": 151936,
    "vision_config": {"depth": 32, "hidden_size": 1280, "num_heads": 16, "intermediate_size": 3420},
}


def test_an_old_config_and_a_new_one():
    wanted = Dimensions(36, 2048, 11008, 16, 2, 128, 151936, Tower(32, 1280, 3420, 16, 14, 2))
    assert Dimensions.of(OLD) == wanted
    assert Dimensions.of({"text_config": OLD, "vision_config": OLD["vision_config"]}) == wanted


def test_gaps_are_filled_as_models_fill_them():
    plain = Dimensions.of({**OLD, "num_key_value_heads": None, "head_dim": 64, "vision_config": {}})
    assert (plain.key_heads, plain.head_width, plain.tower) == (16, 64, None)
    other = Dimensions.of({**OLD, "vision_config": {"depth": 2, "embed_dim": 320, "mlp_ratio": 3, "num_heads": 4}})
    assert other.tower == Tower(2, 320, 960, 4, 14, 2)


FIXED = {"num_hidden_layers": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_attention_heads": 16}


@pytest.mark.parametrize(
    ("change", "patch", "merge", "image"),
    [
        ({"vision_config": {**FIXED, "image_size": 336, "patch_size": 14}}, 14, 1, 336),  # LLaVA's
        (
            {"vision_config": {**FIXED, "image_size": 896, "patch_size": 14}, "mm_tokens_per_image": 256},
            14,
            4,
            896,
        ),  # Gemma
        # InternVL writes both sides.
        (
            {"vision_config": {**FIXED, "image_size": [448, 448], "patch_size": [14, 14]}, "downsample_ratio": 0.5},
            14,
            2,
            448,
        ),
        (
            {"vision_config": {**FIXED, "image_size": 512, "patch_size": 16}, "scale_factor": 4},
            16,
            4,
            512,
        ),  # SmolVLM2's
        # GLM's has a size at which its positions were learnt.
        (
            {
                "model_type": "glm4v",
                "vision_config": {**FIXED, "image_size": 336, "patch_size": 14, "spatial_merge_size": 2},
            },
            14,
            2,
            None,
        ),
        ({"vision_config": {**FIXED, "patch_size": 16, "spatial_merge_size": 3}}, 16, 3, None),  # Qwen3-VL's kind
        ({"vision_config": {**FIXED, "model_type": "qwen3_vl"}}, 16, 2, None),  # as transformers fills the gap
    ],
)
def test_how_other_families_write_their_tower(change, patch, merge, image):
    assert Dimensions.of({**OLD, **change}).tower == Tower(27, 1152, 4304, 16, patch, merge, image)


def test_experts_count_as_many_as_a_token_is_given_to():
    """Qwen3-VL-30B-A3B's: 8 of 128."""
    experts = {"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768}
    found = Dimensions.of({**OLD, **experts, "num_attention_heads": 32, "head_dim": 128})
    assert (found.inner, found.experts, found.head_width) == (8 * 768, 8, 128)
    shared = Dimensions.of({**OLD, **experts, "shared_expert_intermediate_size": 512})
    assert (shared.inner, shared.experts) == (8 * 768 + 512, 8)


@pytest.mark.parametrize("change", [{"hidden_size": None}, {"vocab_size": "many"}, {"num_experts": 8}])
def test_what_does_not_tell_has_none(change):
    assert Dimensions.of({**OLD, **change}) is None


def test_the_embedded_model_is_told_without_torch(explainer):
    code = (
        "import sys; from core.models.checkpoints import describe_model; from core.models.dimensions import *;"
        "folder = describe_model(device='cpu').folder;"
        "print(read_dimensions(folder));"
        "from core.memory import estimate; assert 'torch' not in sys.modules"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    here = read_dimensions(describe_model(device="cpu").folder)
    assert told.strip() == str(dimensions_of(explainer.loaded)) == str(here)


def test_files_that_cannot_be_read(tmp_path):
    assert read_dimensions(tmp_path) is None
    for content in ("no json", json.dumps([1])):
        (tmp_path / "config.json").write_text(content)
        assert read_dimensions(tmp_path) is None
