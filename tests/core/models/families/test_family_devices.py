"""For every family whose layers lie on two devices: whatever is computed together lies on one of them.

There is one device here. So tensors are fakes, which know their shape and device and hold nothing, on two devices that
there are not: an operation on both of them at once is refused, as CUDA would. What a vision tower does with numbers
that fakes do not hold (Qwen's, GLM's, Gemma 4's, LLaVA-OneVision's) is left out; there, features of the picture are
fakes from the beginning.
"""

import dataclasses
import importlib.util

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from core import Explainer, Target
from core.engine import one_pass
from core.inference.forward import build_sequence, encode, resolve_target
from core.inference.smoothgrad import noisy
from core.memory.fit import recomputing
from core.models.families.base import Decoding
from core.models.hooks import frozen
from core.schema import ExplainRequest
from core.schema.methods import METHODS
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow
from tests.some import some

pytestmark = pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs accelerate")

NEAR, FAR = "cpu:1", "cpu:2"
WITHOUT_TOWER = ("qwen2_vl", "qwen2_5_vl", "llava_onevision", "qwen3_5", "glm46v", "glm4v", "gemma4")
# TAM and what it is drawn by leave PyTorch; Qwen3-VL adds features by a mask, whose length no fake tells, and experts
# are multiplied by an operation that no fake has in float32.
LEAVES_TORCH, UNTOLD = "tam", ("qwen3_vl", "qwen3_vl_moe", "qwen3_5_moe", "glm4v_moe")


class Two:
    """A model whose embeddings and first layer are near, and whose vision tower, other layers and head are far."""

    def __init__(self, name, folder, picture):
        self.loaded = Explainer.from_pretrained(folder, "cpu").loaded
        slow, target = Slow.of(self.loaded, picture), Target.answer(sentence=SENTENCE)
        self.mode, self.target = FakeTensorMode(allow_non_fake_inputs=True), target
        pixels = noisy(slow.prepared.pixel_values, 0.1, 0, range(2))
        with frozen(self.loaded.model), torch.no_grad():
            sequence = build_sequence(self.loaded, slow.prepared, slow.answer)
            features = encode(self.loaded, sequence, pixels) if name in WITHOUT_TOWER else None
            resolved = resolve_target(self.loaded, target, slow.answer)
        self.sequence, self.resolved = self.fakes(sequence), self.fakes(resolved)
        self.pixels = self.fake(pixels)
        self.features = None if features is None else self.fake(features)
        self._spread()

    def fake(self, tensor: Tensor, device: str = NEAR) -> Tensor:
        with self.mode:
            return self.mode.from_tensor(tensor).to(device)

    def fakes(self, held):
        """A dataclass with fakes of its tensors."""
        changed = {}
        for field in dataclasses.fields(held):
            value = getattr(held, field.name)
            if isinstance(value, Tensor):
                changed[field.name] = self.fake(value)
            elif isinstance(value, dict):
                changed[field.name] = {name: self.fake(tensor) for name, tensor in value.items()}
        return dataclasses.replace(held, **changed)

    def _spread(self) -> None:
        from accelerate.hooks import ModelHook, add_hook_to_module
        from accelerate.utils import send_to_device

        class Bring(ModelHook):
            execution_device = FAR

            def pre_forward(self, module, *args, **kwargs):
                return send_to_device(args, FAR), send_to_device(kwargs, FAR)

        model = self.loaded.model
        parts = dict(model.model.named_children())
        decoder = parts.get("language_model") or parts["text_model"]
        far = [*list(self.loaded.layers)[1:], decoder.norm, model.lm_head]
        towers = ("vision_tower", "multi_modal_projector", "vision_model", "connector")
        far += [parts[own] for own in towers if own in parts]
        inside = {id(module) for each in far for module in each.modules()}
        for module in model.modules():
            device = FAR if id(module) in inside else NEAR
            for own, tensor in module.named_parameters(recurse=False):
                module._parameters[own] = nn.Parameter(self.fake(tensor.data, device), requires_grad=False)
            for own, tensor in module.named_buffers(recurse=False):
                module._buffers[own] = self.fake(tensor, device)
        for module in far:
            add_hook_to_module(module, Bring())

    def heat(self, method: str, monkeypatch, part: str = "decoder") -> Tensor:
        layers = tuple(range(self.loaded.depth(part))) if METHODS[method].per_layer else ()
        request = ExplainRequest(
            image="i",
            prompt=QUESTION,
            model="m",
            method=method,
            layers=layers,
            target=self.target,
            num_samples=2,
            part=part,
        )
        monkeypatch.setattr(torch, "unique", lambda tensor: tensor)  # how many there are no fake tells
        if self.features is not None:
            monkeypatch.setattr(one_pass, "encode", lambda *_: self.features)
        with self.mode, recomputing(False), frozen(self.loaded.model):
            found = one_pass._read_together(
                self.loaded, self.sequence, {self.target: self.resolved}, [request], self.pixels.detach()
            )
        return found[request]


@pytest.fixture(scope="module")
def two(name, folder_of, picture):
    if name in UNTOLD:
        pytest.skip("no fake tells what it does")
    return Two(name, folder_of(name), picture)


def test_what_is_computed_together_lies_on_one_device(two, monkeypatch):
    methods = [name for name, method in METHODS.items() if not method.own_passes and name != LEAVES_TORCH]
    if two.features is not None:
        methods.remove("input_gradient")
    for method in some(methods):
        heat = two.heat(method, monkeypatch)
        assert str(heat.device) == NEAR and heat.shape[0] == 2, method


def test_so_does_what_is_read_of_the_vision_tower(two, monkeypatch):
    if two.features is not None:
        pytest.skip("its vision tower needs numbers")
    assert str(two.heat("hirescam", monkeypatch, part="tower").device) == NEAR


def test_what_is_not_brought_together_is_found(two, monkeypatch):
    monkeypatch.setattr(Decoding, "wanted", lambda decoding, hidden: hidden[:, decoding.rows])
    with pytest.raises((RuntimeError, IndexError), match="same device"):
        two.heat("gradcam", monkeypatch)
