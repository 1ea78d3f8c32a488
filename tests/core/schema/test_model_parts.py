"""Depths read off a config.json, transformers' own defaults where it leaves them out."""

import json

import pytest
from transformers import AutoConfig

from core.embedded import CHECKPOINT
from core.models.folders.configuration import SUPPORTED
from core.schema.model_parts import DecoderDepth, attending_layers, blocks_in_use, decoder_depth, tower_depth


def states(config):
    """Hidden states that the features are taken from, by transformers' own configuration."""
    return getattr(config, "vision_feature_layer", -1)


@pytest.mark.parametrize("kind", SUPPORTED)
def test_what_is_left_out_is_transformers_default(kind):
    config = AutoConfig.for_model(kind)
    if config.vision_config is None:  # Gemma 4 may do without
        config = AutoConfig.for_model(kind, vision_config={})
    wanted = blocks_in_use(config.vision_config.num_hidden_layers, states(config))
    # A configuration without a tower, and one whose tower says nothing but its type.
    assert tower_depth({"model_type": kind}) == wanted
    named = AutoConfig.for_model(kind, vision_config={"model_type": config.vision_config.model_type})
    told = {"model_type": kind, "vision_config": {"model_type": config.vision_config.model_type}}
    assert tower_depth(told) == blocks_in_use(named.vision_config.num_hidden_layers, states(named))
    # One that says everything, as transformers writes it.
    assert tower_depth(json.loads(config.to_json_string(use_diff=False))) == wanted


def test_the_embedded_model():
    config = json.loads((CHECKPOINT / "config.json").read_text("utf-8"))
    assert (decoder_depth(config), tower_depth(config)) == (8, 4)


@pytest.mark.parametrize(
    ("read", "used"), [(-1, 24), (-2, 23), (24, 24), (3, 3), ([-2, 5], 23), ([2, 7, 4], 7), (0, 0)]
)
def test_blocks_above_those_that_are_read_do_not_count(read, used):
    assert blocks_in_use(24, read) == used


def test_a_depth_that_is_not_told_is_none():
    assert tower_depth({"model_type": "other"}) == 0 and decoder_depth({"num_hidden_layers": "many"}) is None


def hybrid(**text):
    return {"model_type": "qwen3_5", "text_config": {"num_hidden_layers": 8, **text}}


@pytest.mark.parametrize(
    ("text", "attending"),
    [
        ({}, (3, 7)),  # as transformers fills the gap
        ({"full_attention_interval": 2}, (1, 3, 5, 7)),
        ({"layer_types": ["linear_attention"] * 6 + ["full_attention"] * 2}, (6, 7)),
    ],
)
def test_layers_of_a_hybrid_that_attend(text, attending):
    found = attending_layers(hybrid(**text))
    assert found == DecoderDepth(8, attending) and found.is_hybrid
    types = AutoConfig.for_model("qwen3_5", text_config=hybrid(**text)["text_config"]).text_config.layer_types
    assert tuple(layer for layer, kind in enumerate(types) if kind == "full_attention") == attending


def test_layers_of_others_all_attend():
    """Sliding windows are attention, too."""
    types = ["sliding_attention", "full_attention"]
    assert attending_layers({"num_hidden_layers": 2, "layer_types": types}) == DecoderDepth.plain(2)
    assert not DecoderDepth.plain(2).is_hybrid and attending_layers({}) is None


def test_the_layer_that_is_read_for_one():
    depth = DecoderDepth(8, (3, 5))
    assert [depth.read_at(layer) for layer in range(8)] == [3, 3, 3, 3, 5, 5, 5, 5]


def test_layers_that_share_keys_and_values():
    """Gemma 4 E2B's last twenty of 35: the combined map reads the upper half of the others."""
    found = attending_layers({"text_config": {"num_hidden_layers": 35, "num_kv_shared_layers": 20}})
    assert found == DecoderDepth(35, tuple(range(35)), 20) and found.upper_half == range(7, 15)
    assert DecoderDepth.plain(7).upper_half == range(3, 7) and DecoderDepth.plain(1).upper_half == range(0, 1)
