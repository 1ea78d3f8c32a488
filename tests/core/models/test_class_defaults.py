"""The table of sizes equals transformers' configuration classes."""

import dataclasses
import json

import pytest
from transformers import AutoConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.models.class_defaults import PARTS, WHOLES, complete
from core.models.dimensions import Dimensions, read_dimensions
from core.models.folders.configuration import SUPPORTED
from core.models.visual_token_count import most_visual_tokens
from tests.some import some

LLAVA_1_5 = {
    "model_type": "llava",
    "text_config": {"max_position_embeddings": 4096, "model_type": "llama", "rms_norm_eps": 1e-05, "vocab_size": 32064},
    "vision_config": {
        "hidden_size": 1024,
        "image_size": 336,
        "intermediate_size": 4096,
        "model_type": "clip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "patch_size": 14,
        "projection_dim": 768,
        "vocab_size": 32000,
    },
}
GEMMA_3_4B = {
    "model_type": "gemma3",
    "mm_tokens_per_image": 256,
    "text_config": {
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": 1024,
    },
    "vision_config": {
        "hidden_size": 1152,
        "image_size": 896,
        "intermediate_size": 4304,
        "model_type": "siglip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 27,
        "patch_size": 14,
        "vision_use_head": False,
    },
}
QWEN2_VL_TUNED = {
    "model_type": "qwen2_vl",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_hidden_layers": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": [16, 24, 24]},
    "vision_config": {"in_chans": 3, "model_type": "qwen2_vl", "spatial_patch_size": 14},
}
SPARSE = {"LLaVA-1.5": LLAVA_1_5, "Gemma 3 4B": GEMMA_3_4B, "a tuned Qwen2-VL": QWEN2_VL_TUNED}
"""What published folders say, and no more; of the rest, sizes are left to the classes."""


def filled_in(content):
    """A config.json's content as its class has it, every field written down."""
    content = json.loads(json.dumps(content))
    config = AutoConfig.for_model(content.pop("model_type"), **content)
    return json.loads(config.to_json_string(use_diff=False))


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_has_its_classes_sizes(kind):
    own = {field.name: field.default for field in dataclasses.fields(CONFIG_MAPPING[kind])}
    for name, value in some(PARTS[kind].items()):
        default = own[name]
        if isinstance(default, tuple):  # of one number for each side, but for lists
            default = list(default) if isinstance(value, list) else default[0]
        assert default == value, name


def test_the_table_is_of_families_that_there_are():
    assert set(WHOLES) <= set(SUPPORTED)
    for whole in some(WHOLES.values()):
        assert {whole.text, whole.vision} <= set(PARTS)


@pytest.mark.parametrize("kind", WHOLES)
@pytest.mark.parametrize("said", [{}, {"vision_config": {}}, {"text_config": {"vocab_size": 7}}])
def test_gaps_are_filled_as_the_class_fills_them(kind, said):
    config = {"model_type": kind, **said}
    assert Dimensions.of(complete(config)) == Dimensions.of(filled_in(config))
    assert Dimensions.of(complete(config)).tower is not None


@pytest.mark.parametrize("name", SPARSE)
def test_published_configurations_that_leave_numbers_out(name):
    found = Dimensions.of(complete(SPARSE[name]))
    assert found == Dimensions.of(filled_in(SPARSE[name])) and found.tower is not None


def test_their_sizes_in_figures():
    llava, gemma, qwen = (Dimensions.of(complete(each)) for each in SPARSE.values())
    assert (llava.width, llava.inner, llava.heads, llava.key_heads) == (4096, 11008, 32, 32)
    assert (gemma.heads, gemma.key_heads, gemma.head_width, gemma.vocabulary) == (8, 4, 256, 262208)
    assert (qwen.tower.depth, qwen.tower.width, qwen.tower.inner, qwen.tower.merge) == (32, 1280, 5120, 2)


def test_what_is_said_stands_and_other_types_stay_as_they_are():
    said = {"model_type": "llava", "text_config": {"hidden_size": 8, "model_type": "other"}}
    assert complete(said)["text_config"] == {"hidden_size": 8, "model_type": "other"}
    assert complete({"model_type": "other", "hidden_size": 3}) == {"model_type": "other", "hidden_size": 3}


@pytest.mark.parametrize(
    ("name", "tokens"), [("LLaVA-1.5", 24 * 24), ("Gemma 3 4B", 16 * 16), ("a tuned Qwen2-VL", 36 * 48)]
)
def test_what_a_picture_takes_is_told_from_such_a_folder(tmp_path, name, tokens):
    """With which memory can be forecast."""
    (tmp_path / "config.json").write_text(json.dumps(SPARSE[name]))
    settings = {"size": {"min_pixels": 3136, "max_pixels": 12845056}, "patch_size": 14, "merge_size": 2}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    assert read_dimensions(tmp_path) == Dimensions.of(filled_in(SPARSE[name]))
    assert most_visual_tokens([(48 * 28, 36 * 28)], tmp_path) == tokens
