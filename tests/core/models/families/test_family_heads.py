"""For every family: attention head by head, and the logit lens, against the model's own eager attention and logits."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Explainer, Target
from core.inputs.prompt import prepare_for
from core.models.quantisation.linear import StoredLinear
from tests.core.models.families.slow import QUESTION, SENTENCE, own_head, slow_spread
from tests.some import some


def test_each_head_looks_as_eager_attention_does(slow, family, picture):
    maps = family.heads(picture, QUESTION, target=Target.text(SENTENCE))
    # Some models are told that they have thought already where they are given a sentence to say.
    slow = replace(slow, prepared=prepare_for(family.loaded, picture, maps.request))
    # Windows, and pictures that are seen both ways, are in the model's own masks; grouped keys in its own repeats.
    own, layout, visual = slow.attentions(), slow.prepared.layouts[0], slow.prepared.visual
    assert maps.layers == tuple(slow.attending) and maps.grid == layout.grid
    for number, layer in some(enumerate(maps.layers)):
        looked = own[layer][0][:, slow.rows][..., visual]
        assert maps.heat[number].shape == (len(looked), *layout.grid)
        for head, each in some(enumerate(looked)):
            wanted = slow_spread(layout, each.sum(0)).reshape(layout.grid)
            np.testing.assert_allclose(maps.at(layer, head), wanted, rtol=2e-3, atol=1e-5)
        np.testing.assert_allclose(maps.picture_share[number], looked.sum(-1).mean(-1), rtol=2e-3, atol=1e-5)


def test_the_lens_after_the_last_layer_is_what_the_model_says(slow, family, picture):
    lens = family.logit_lens(picture, QUESTION)
    layout = slow.prepared.layouts[0]
    with torch.no_grad():
        own = own_head(family.loaded.model, slow.last_hidden()[slow.prepared.visual]).float().softmax(-1)
    over = layout.finest().reshape(layout.grid)
    assert lens.layers == tuple(range(family.total_layers)) and lens.grid == layout.grid
    assert (lens.ids[:, over < 0] == -1).all() and not lens.probabilities[:, over < 0].any()
    for cell in some(np.argwhere(over.numpy() >= 0).tolist()):
        said = lens.at(*cell)[lens.layers[-1]]
        wanted = own[over[tuple(cell)]].topk(5)
        np.testing.assert_allclose([each.probability for each in said], wanted.values, rtol=2e-3)
        np.testing.assert_allclose(own[over[tuple(cell)]][[each.id for each in said]], wanted.values, rtol=2e-3)


def read(explainer, picture):
    heads, lens = (
        explainer.heads(picture, QUESTION, target=Target.text(SENTENCE)),
        explainer.logit_lens(picture, QUESTION),
    )
    return heads.heat, lens.probabilities


@pytest.mark.parametrize("name", ["qwen2_5_vl"], indirect=True)
@pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs accelerate")
def test_weights_that_wait_elsewhere(name, family, folder_of, picture):
    places = {"model.visual": "cpu", "model.language_model": "disk", "lm_head": "disk"}
    spread = Explainer.from_pretrained(folder_of(name), "cpu", device_map=places)
    assert next(spread.loaded.model.lm_head.parameters()).is_meta
    assert next(spread.loaded.family.final_norm(spread.loaded.model).parameters()).is_meta
    for found, wanted in some(zip(read(spread, picture), read(family, picture), strict=True)):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["qwen2_5_vl"], indirect=True)
def test_weights_of_fewer_bits(name, folder_of, picture):
    small, plain = (Explainer.from_pretrained(folder_of(name), "cpu", quantisation=each) for each in ("8bit", None))
    modules = dict(plain.loaded.model.named_modules())
    stored = {own: each for own, each in small.loaded.model.named_modules() if isinstance(each, StoredLinear)}
    for own, module in some(stored.items()):
        modules[own].weight.data = module.weight
    for found, wanted in some(zip(read(small, picture), read(plain, picture), strict=True)):
        np.testing.assert_allclose(found, wanted, rtol=2e-3, atol=1e-6)
