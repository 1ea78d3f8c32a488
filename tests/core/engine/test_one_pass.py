"""Many methods and targets in one pass equal each of them alone, and each target its slow loop."""

import itertools

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.errors import InputError
from core.inference.generation import force_answer
from core.inference.smoothgrad import noisy
from core.inputs.prompt import prepare
from core.methods.attribution import gradient_norm
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from core.schema.methods import METHODS
from core.schema.target import SCORES
from tests.core.inference.test_forward import QUESTION, Slow
from tests.some import some

# Nothing that the model is sure of: the gradient of a log-probability near 0 is all rounding.
SENTENCE = "In the bottom left is a blue square."
LAYERS = (1, 4, 7)
TARGETS = {
    "words": Target.words("blue square", sentence=SENTENCE),
    "one of the words": Target.tokens(6, 7, sentence=SENTENCE),
    "answer by rivals": Target.answer(sentence=SENTENCE, score="rivals"),
    "end by log-probability": Target.tokens(3, None, score="logprob", sentence=SENTENCE),
    "contrast": Target.contrast(2, "top", sentence=SENTENCE),
}


@pytest.fixture(scope="module")
def slow(explainer, picture):
    return Slow.of(explainer.loaded, picture, sentence=SENTENCE)


def asked(method="gradient_norm", target=TARGETS["words"], **given):
    layers = LAYERS if METHODS[method].per_layer else ()
    values = {"num_samples": 2, "noise_std": 0.4, "layers": layers, **given}
    return ExplainRequest(image="i", prompt=QUESTION, model="m", method=method, target=target, **values)


@pytest.fixture(scope="module")
def chunk(explainer, picture):
    """Requests -> their moments for two samples."""
    prepared = prepare(explainer.loaded, picture, QUESTION)

    def run(requests, samples=range(2), **given):
        with explainer.loaded.lock, frozen(explainer.loaded.model):
            answer = force_answer(explainer.loaded, prepared, SENTENCE)
            return explain_chunk(explainer.loaded, prepared, answer, requests, samples, **given)

    return run


def assert_alike(found, wanted, rtol=1e-3):
    assert found.count == wanted.count and found.mean.shape == wanted.mean.shape
    for got, want in ((found.mean, wanted.mean), (found.squared_deviation, wanted.squared_deviation)):
        for got_map, want_map in zip(got, want, strict=True):
            np.testing.assert_allclose(got_map, want_map, rtol=rtol, atol=1e-4 * want_map.max())


@pytest.fixture(scope="module")
def alone(chunk):
    """method -> its moments, asked for by itself."""
    return {method: chunk([asked(method)])[0] for method in METHODS}


@pytest.mark.parametrize("backwards", [False, True])
def test_all_methods_together_equal_each_alone(chunk, alone, backwards):
    names = list(METHODS)[::-1] if backwards else list(METHODS)
    together = dict(zip(names, chunk([asked(name) for name in names]), strict=True))
    for name in some(names):
        assert_alike(together[name], alone[name])
        assert together[name].mean.max() > 0 and together[name].mean.min() >= 0
        assert together[name].mean.shape == (3 if METHODS[name].per_layer else 1, 54)


@pytest.mark.parametrize(
    "names",
    [
        ["logit_lens", "activation_peak", "attention"],  # no gradient at all
        ["attention_gradient", "activation_peak"],
        ["input_gradient", "llava_cam", "combined"],
        ["attention_rollout", "gradient_norm", "tam"],
    ],
)
def test_methods_that_need_different_places_share_a_pass(chunk, alone, names):
    for name, found in some(zip(names, chunk([asked(name) for name in names]), strict=True)):
        assert_alike(found, alone[name])


def test_methods_at_their_own_layers_and_taps(chunk):
    requests = [
        asked("gradient_norm", layers=(5, 6)),
        asked("gradient_norm", layers=(2,), tap="output"),
        asked("layercam", layers=(3,)),
        asked("attention_gradient", layers=(2, 4)),
        asked("attention_rollout", layers=(6,)),
    ]
    for request, found in zip(requests, chunk(requests), strict=True):
        assert_alike(found, chunk([request])[0])
    # The output of a layer is the next one's input.
    assert_alike(chunk([requests[1]])[0], chunk([asked("gradient_norm", layers=(3,))])[0])


@pytest.mark.parametrize("method", ["gradient_deviation", "attention_gradient", "attention", "combined", "tam"])
def test_several_targets_in_one_pass_equal_each_alone(chunk, method):
    requests = [asked(method, target) for target in TARGETS.values()]
    for request, found in some(zip(requests, chunk(requests), strict=True)):
        assert_alike(found, chunk([request])[0])
    means = [found.mean for found in chunk(requests)]
    for one, other in some(itertools.combinations(means, 2)):
        assert np.abs(one - other).max() > 0.01 * np.abs(one).max()


def test_targets_and_methods_mixed(chunk):
    """Some targets want no gradient, some want it in pixels, some at a layer."""
    words, said, rivals = TARGETS["words"], TARGETS["one of the words"], TARGETS["answer by rivals"]
    requests = [
        asked("input_gradient", rivals),
        asked("attention", words),
        asked("gradient_norm", said),
        asked("logit_lens", said),
        asked("attention_gradient", words),
    ]
    for request, found in some(zip(requests, chunk(requests), strict=True)):
        assert_alike(found, chunk([request])[0])


@pytest.mark.parametrize("name", SCORES)
def test_every_score_equals_its_slow_loop(chunk, slow, name):
    (found,) = chunk([asked(target=Target.words("blue square", score=name, sentence=SENTENCE))])
    for place, layer in ((0, 1), (1, 4)):
        samples = [
            gradient_norm(*slow.gradient(slow.loaded.layers[layer], "input", [6, 7], name, pixels=pixels))
            for pixels in noisy(slow.prepared.pixel_values, 0.4, 0, range(2))
        ]
        wanted = torch.stack(samples).mean(0).numpy()
        np.testing.assert_allclose(found.mean[place], wanted, rtol=1e-3, atol=1e-4 * wanted.max())


def test_every_score_has_a_map_of_its_own(chunk):
    requests = [asked(target=Target.words("blue square", score=name, sentence=SENTENCE)) for name in SCORES]
    means = [found.mean for found in chunk(requests)]
    for one, other in some(itertools.combinations(means, 2)):
        assert np.abs(one - other).max() > 0.01 * one.max()


def test_a_contrast_is_the_gradient_of_a_difference(chunk, slow):
    (found,) = chunk([asked(target=TARGETS["contrast"], noise_std=0.0)], samples=range(1))
    (top,) = slow.loaded.processor.tokenizer(" top")["input_ids"]
    _, difference = slow.gradient(slow.loaded.layers[4], "input", [2], rival=top)
    wanted = difference.norm(dim=-1).numpy()
    np.testing.assert_allclose(found.mean[1], wanted, rtol=1e-3, atol=1e-4 * wanted.max())
    _, said = slow.gradient(slow.loaded.layers[4], "input", [2])
    assert (said - difference).norm() > 0.1 * said.norm()


def test_samples_are_numbered_from_wherever_they_begin(chunk):
    whole = chunk([asked("attention_gradient")], samples=range(3))[0]
    parts = [chunk([asked("attention_gradient")], samples=each)[0] for each in (range(0, 1), range(1, 3))]
    assert_alike(parts[0].merge(parts[1]), whole)


def test_only_methods_with_own_passes_tick(chunk):
    ticks = []
    chunk([asked(), asked("tam"), asked("input_gradient")], tick=lambda: ticks.append("one pass"))
    assert ticks == []
    chunk([asked("occlusion")], tick=lambda: ticks.append("own"))
    assert len(ticks) >= 2


def test_a_target_that_is_not_in_the_answer_is_said(chunk):
    with pytest.raises(InputError, match="has 9 tokens"):
        chunk([asked(), asked(target=Target.tokens(3, 10, sentence=SENTENCE))])


def test_several_targets_equal_each_alone_to_the_last_bit(chunk):
    """So that a word's map is the same whether it came with the other words or was asked for by itself."""
    words = [Target.tokens(start, start + 1, sentence=SENTENCE) for start in (1, 4, 6)]
    requests = [asked(method, target) for target in words for method in ("combined", "attention_gradient")]
    for request, found in some(zip(requests, chunk(requests), strict=True)):
        alone = chunk([request])[0]
        assert np.array_equal(found.mean, alone.mean)
        assert np.array_equal(found.squared_deviation, alone.squared_deviation)


def test_the_output_head_sees_each_targets_own_tokens(explainer, chunk):
    """Of many words each has its own logits, of a vocabulary of 150,000; attention alone needs none."""
    rows = []
    handle = explainer.loaded.model.lm_head.register_forward_pre_hook(lambda _, args: rows.append(args[0].shape[1]))
    try:
        chunk([asked()])
        before = rows.copy()  # what the forced answer takes, and the two words' own
        rows.clear()
        chunk([asked(), asked("attention", TARGETS["answer by rivals"]), asked(target=TARGETS["one of the words"])])
        assert before[-1:] == [2] and rows == [*before, 1]
    finally:
        handle.remove()
