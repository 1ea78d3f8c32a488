"""Qwen3.5: a decoder most of whose layers do not attend."""

import numpy as np
import pytest

from core.engine.one_pass import explain_chunk
from core.models.checkpoints import describe_model
from core.models.hooks import frozen
from core.schema import Target
from core.schema.model_parts import DecoderDepth
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow
from tests.core.models.families.test_family_maps import request_for

HYBRIDS = ("qwen3_5", "qwen3_5_moe")


@pytest.mark.parametrize("name", HYBRIDS)
def test_the_card_and_the_model_know_which_layers_attend(folder_of, explainer_of, name):
    wanted = DecoderDepth(4, (1, 3))
    assert describe_model(folder_of(name), "cpu").decoder == explainer_of(name).loaded.decoder == wanted
    assert not describe_model(folder_of("qwen3_vl"), "cpu").decoder.is_hybrid


@pytest.mark.parametrize("name", HYBRIDS)
@pytest.mark.parametrize("method", ["attention", "attention_gradient", "attention_rollout"])
def test_other_layers_have_the_map_of_the_next_one_that_attends(explainer_of, picture, name, method):
    slow = Slow.of(explainer_of(name).loaded, picture)
    with slow.loaded.lock, frozen(slow.loaded.model):
        (found,) = explain_chunk(slow.loaded, slow.prepared, slow.answer, [request_for(method, 4)], range(1))
    first, second, third, last = found.mean
    assert np.array_equal(first, second) and np.array_equal(third, last) and not np.allclose(first, last)


@pytest.mark.parametrize("name", HYBRIDS)
def test_one_layer_that_does_not_attend(explainer_of, picture, name):
    """It is read at the next one alone."""
    options = {"target": Target.answer(sentence=SENTENCE), "num_samples": 1, "noise_std": 0.0}
    explainer = explainer_of(name)
    found = [explainer.explain(picture, QUESTION, method="attention", layers=[n], **options) for n in (2, 3)]
    np.testing.assert_allclose(found[0].heat, found[1].heat, rtol=1e-5)
    assert found[0].layers == (2,)
