"""Where a chunk makes the CPU wait for its device: never inside a layer, in the backward pass or in reading maps."""

from collections import Counter
from contextlib import ExitStack

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from transformers.modeling_layers import GradientCheckpointingLayer

from core.engine import one_pass
from core.engine.one_pass import explain_chunk
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.conftest import gradient_picture

SENTENCE = "In the bottom left is a blue square."
WAITS = {"item", "tolist", "__bool__", "__int__", "__float__", "__index__", "cpu", "numpy"}
SIZED = ("_local_scalar_dense", "nonzero", "_unique", "masked_select", "unique_consecutive")


class Waits(TorchFunctionMode):
    """Counts, by where the pass is, what would wait for a device: values read, and shapes that depend on values."""

    def __init__(self):
        super().__init__()
        self.where, self.seen = ["outside"], Counter()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in WAITS:
            self.note()
        return function(*args, **(kwargs or {}))

    def note(self):
        self.seen[self.where[-1]] += 1


class Shapes(TorchDispatchMode):
    def __init__(self, waits):
        super().__init__()
        self.waits = waits

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.__name__
        masked = "index" in name and any(
            isinstance(each, torch.Tensor) and each.dtype == torch.bool
            for arg in args
            for each in (arg if isinstance(arg, list | tuple) else ())
        )
        if name.startswith(SIZED) or masked:
            self.waits.note()
        return function(*args, **(kwargs or {}))


@pytest.fixture
def waits(explainer):
    """Requests -> where their chunk waited, how often."""
    loaded = explainer.loaded
    prepared = prepare(loaded, load_picture(gradient_picture(168, 252)), "Where?")

    def run(requests):
        counted, layers = Waits(), set(loaded.layers)
        with frozen(loaded.model), ExitStack() as stack:
            answer = force_answer(loaded, prepared, SENTENCE)

            def entered(name):
                return lambda *_: counted.where.append(name)

            for module in loaded.model.modules():
                if isinstance(module, GradientCheckpointingLayer):
                    name = "decoder layer" if module in layers else "tower block"
                    stack.callback(module.register_forward_pre_hook(entered(name)).remove)
                    stack.callback(module.register_forward_hook(lambda *_: counted.where.pop() and None).remove)
            real = one_pass.record_forward

            def forward(*args):
                result = real(*args)
                counted.where = ["after"]
                return result

            stack.enter_context(pytest.MonkeyPatch.context()).setattr(one_pass, "record_forward", forward)
            stack.enter_context(counted)
            stack.enter_context(Shapes(counted))
            explain_chunk(loaded, prepared, answer, requests, range(2))
        return counted.seen

    return run


def asked(method, score="logit", layers=(0, 3, 7)):
    target = Target.answer(sentence=SENTENCE, score=score)
    return ExplainRequest(
        image="i", prompt="q", model="m", method=method, target=target, num_samples=2, noise_std=0.4, layers=layers
    )


@pytest.mark.parametrize("score", ["logit", "logprob", "margin", "rivals"])
def test_a_sweep_waits_only_to_begin_and_for_each_requests_heat(waits, score):
    requests = [asked("gradient_deviation", score), asked("combined", score, layers=()), asked("attention", score)]
    seen = waits([*requests, asked("attention_gradient", score), asked("attention_rollout", score)])
    assert seen["decoder layer"] == 0
    assert seen["tower block"] == 2  # where windows begin: once for small ones, once for whole pictures
    assert seen["after"] == 2 * 5  # each request's heat, moved to the CPU and made an array
    assert seen["outside"] == waits(requests[:1])["outside"]


def test_what_waits_is_seen():
    counted = Waits()
    with counted, Shapes(counted):
        values = torch.arange(3)
        bool(values[0] == 0), values.tolist(), values.nonzero(), values[values > 0], values.unique()
    assert counted.seen["outside"] >= 5
