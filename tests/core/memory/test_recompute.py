"""Recomputed layers: the same numbers to the last bit, less memory, and nothing left behind."""

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.fit import recomputing
from core.memory.recompute import recomputed
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from core.schema.methods import METHODS
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture

SENTENCE = "In the bottom left is a blue square."
ANSWER = Target.answer(sentence=SENTENCE)
WORDS = Target.words("blue square", sentence=SENTENCE)


@pytest.fixture(scope="module", params=["embedded", "bfloat16"])
def chunk(request, explainer):
    """(requests, whether to recompute) -> the moments of two samples."""
    model = explainer if request.param == "embedded" else build("tiny", torch.bfloat16)
    loaded = model.loaded
    prepared = prepare(loaded, load_picture(gradient_picture(168, 252)), "Where is it?")
    answer = force_answer(loaded, prepared, SENTENCE)

    def run(requests, recompute):
        with frozen(loaded.model), recomputing(recompute):
            return explain_chunk(loaded, prepared, answer, requests, range(2))

    return run


def asked(method, target=ANSWER, layers=(0, 1, 3), **given):
    layers, values = layers if METHODS[method].per_layer else (), {"num_samples": 2, "noise_std": 0.4, **given}
    return ExplainRequest(image="i", prompt="q", model="m", method=method, target=target, layers=layers, **values)


def assert_same(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        assert np.isfinite(one.mean).all() and one.mean.max() > 0
        np.testing.assert_array_equal(one.mean, other.mean)
        np.testing.assert_array_equal(one.squared_deviation, other.squared_deviation)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "occlusion"])
def test_each_method_gives_the_same_to_the_last_bit(chunk, method):
    assert_same(chunk([asked(method)], True), chunk([asked(method)], False))


@pytest.mark.parametrize(
    "requests",
    [
        [asked("gradient_deviation"), asked("combined"), asked("attention_gradient"), asked("llava_cam")],
        [asked("input_gradient"), asked("attention_rollout"), asked("gradcam", WORDS)],
        [asked("gradient_deviation"), asked("gradient_deviation", WORDS), asked("attention_gradient", WORDS)],
        [asked("llava_cam", layers=(2,)), asked("tam")],
        [asked("attention_gradient", layers=(1,)), asked("attention", WORDS)],
        [asked("gradient_deviation", layers=(0, 1), part="tower"), asked("combined")],
        [asked("gradient_norm", layers=(0,), part="tower", tap="output"), asked("gradient_deviation", WORDS)],
        [asked("activation_peak", layers=(1,), part="tower"), asked("gradient_norm"), asked("input_gradient")],
    ],
    ids=["methods", "pixels", "targets", "norm", "attention", "blocks", "a block's output", "a block and pixels"],
)
def test_together_they_do_too(chunk, requests):
    assert_same(chunk(requests, True), chunk(requests, False))


def test_layers_are_left_as_they_were(explainer):
    layers = explainer.loaded.layers
    with pytest.raises(RuntimeError, match="broken"), recomputed(layers):
        assert all("forward" in vars(layer) for layer in layers)
        raise RuntimeError("broken")
    assert not any("forward" in vars(layer) for layer in layers)


def test_somebody_elses_wrapper_is_kept_and_used():
    layer, calls = torch.nn.Linear(3, 3), []
    inner = layer.forward
    layer.forward = wrapper = lambda hidden: calls.append("theirs") or inner(hidden)
    hidden = torch.ones(2, 3, requires_grad=True)
    with recomputed([layer]):
        output = layer(hidden)
    assert layer.forward is wrapper and calls == ["theirs"]
    torch.autograd.grad(output.square().sum(), hidden)
    assert calls == ["theirs"] * 2  # once more in the backward pass


def test_only_what_enters_is_kept():
    saved = []
    block = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.SiLU(), torch.nn.Linear(64, 4)).requires_grad_(False)
    hidden = torch.ones(2, 4, requires_grad=True)

    def inside(wrap):
        saved.clear()
        with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(tuple(t.shape)) or t, lambda t: t):
            if not wrap:
                return block(hidden)
            with recomputed([block]):
                return block(hidden)

    plain = inside(False)
    assert (2, 64) in saved
    again = inside(True)
    assert (2, 64) not in saved and torch.equal(plain, again)
    assert torch.equal(*(torch.autograd.grad(each.sum(), hidden)[0] for each in (plain, again)))
