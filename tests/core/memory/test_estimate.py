"""What is predicted against what is counted: what autograd saves, to the byte, and a chunk's peak."""

from dataclasses import replace

import pytest
import torch

from core.engine import one_pass
from core.engine.one_pass import explain_chunk
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.estimate import Workload, peak, phases, saved_by_layer, sweep_load
from core.memory.fit import dimensions_of, recomputing
from core.models.dimensions import Dimensions
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from core.schema.methods import METHODS
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture
from tests.core.live import LiveBytes

SENTENCE = "In the bottom left is a blue square."
TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


@pytest.fixture(scope="module", params=["embedded", *TYPES])
def asked(request, explainer):
    """A model: the embedded one, and one of other proportions in both types; and a question to it."""
    model = explainer if request.param == "embedded" else build("tiny", TYPES[request.param])
    prepared = prepare(model.loaded, load_picture(gradient_picture(336, 448)), "Where is it?", 200_000)
    with frozen(model.loaded.model):
        return model.loaded, prepared, force_answer(model.loaded, prepared, SENTENCE)


def requests(loaded, *methods):
    layers = tuple(range(len(loaded.layers)))
    values = {"num_samples": 2, "noise_std": 0.4, "target": Target.answer(sentence=SENTENCE)}

    def request(name):
        if name == "blocks":
            blocks = tuple(range(len(loaded.blocks)))
            return ExplainRequest(image="i", prompt="q", model="m", part="tower", layers=blocks, **values)
        own = layers if METHODS[name].per_layer else ()
        return ExplainRequest(image="i", prompt="q", model="m", method=name, layers=own, **values)

    return [request(name) for name in methods]


@pytest.fixture
def loads(monkeypatch):
    """The loads that passes are to fit for."""
    seen, real = [], one_pass.fit_to_memory
    monkeypatch.setattr(
        one_pass, "fit_to_memory", lambda loaded, load, cut: seen.append(load) or real(loaded, load, cut)
    )
    return seen


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize(
    "methods",
    [
        ["gradient_deviation", "combined"],
        ["gradient_norm"],
        ["combined"],
        ["attention_gradient"],
        ["attention"],
        ["attention_rollout"],
        ["logit_lens"],
        ["input_gradient"],
        ["blocks"],
        ["blocks", "combined"],
        ["gradient_deviation", "layercam", "llava_cam", "activation_peak", "attention_gradient", "combined"],
    ],
    ids="+".join,
)
def test_the_peak_of_a_chunk_is_predicted_within_15_percent(asked, loads, methods, recompute):
    loaded, prepared, answer = asked
    weights = [*loaded.model.parameters(), *loaded.model.buffers()]
    with frozen(loaded.model), recomputing(recompute), LiveBytes(weights) as live:
        explain_chunk(loaded, prepared, answer, requests(loaded, *methods), range(2))
    (load,) = loads
    assert (load.samples, load.rows, load.visual) == (2, 9, 192)
    predicted = phases(dimensions_of(loaded), replace(load, recompute=recompute), loaded.model.dtype.itemsize).peak
    assert predicted == pytest.approx(live.peak, rel=0.15)


def test_what_autograd_keeps_of_a_layer_is_known_to_the_byte(asked):
    loaded, prepared, _ = asked
    own = {each.untyped_storage().data_ptr() for each in [*loaded.model.parameters(), *loaded.model.buffers()]}
    saved = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    layer, tokens = loaded.layers[1], 2 * 50
    hidden = torch.randn(2, 50, dimensions_of(loaded).width, dtype=loaded.model.dtype).requires_grad_()
    positions = torch.arange(50).expand(3, 2, -1)
    turned = loaded.model.model.language_model.rotary_emb(hidden, positions)
    own |= {each.untyped_storage().data_ptr() for each in turned}  # shared by all layers
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer(hidden, position_embeddings=turned)
    assert sum(saved.values()) == saved_by_layer(dimensions_of(loaded), loaded.model.dtype.itemsize) * tokens


def test_recomputing_spares_what_it_is_meant_to():
    real = Dimensions(36, 2048, 11_008, 16, 2, 128, 151_936)
    load = sweep_load(36, 1_400, 1_300, 64, samples=10)
    saved, recomputed = (phases(real, replace(load, recompute=recompute), 2) for recompute in (False, True))
    assert recomputed.peak < saved.peak / 3
    # A token's share of one layer: 2 norms, attention, MLP.
    assert saved_by_layer(real, 2) == 2 * 4 * 2049 + 2 * 128 * 36 + 4 * 16 + 3 * 2 * 11_008


def test_the_weights_are_added_and_more_takes_more():
    sizes = Dimensions(8, 128, 256, 4, 2, 32, 693)
    load = sweep_load(8, 200, 150, 10)
    assert peak(sizes, load, 4, weights=1_000) == 1_000 + phases(sizes, load, 4).peak
    for more in ({"samples": 2}, {"length": 300}, {"rows": 300}, {"depth": 9}, {"targets": 2, "read": 30}):
        assert phases(sizes, replace(load, **more), 4).peak > phases(sizes, load, 4).peak
    nothing = phases(sizes, Workload(1, 200, 150, 10), 4)
    assert nothing.backward == 0 and nothing.tower < nothing.forward < phases(sizes, load, 4).forward
