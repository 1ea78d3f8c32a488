"""Depths read off a config.json, transformers' own defaults where it leaves them out."""

import json

import pytest
from transformers import AutoConfig

from core.embedded import CHECKPOINT
from core.models.folders.configuration import SUPPORTED
from core.schema.model_parts import blocks_in_use, decoder_depth, tower_depth


def states(config):
    """Hidden states that the features are taken from, by transformers' own configuration."""
    return getattr(config, "vision_feature_layer", -1)


@pytest.mark.parametrize("kind", SUPPORTED)
def test_what_is_left_out_is_transformers_default(kind):
    config = AutoConfig.for_model(kind)
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
