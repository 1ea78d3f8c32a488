"""The benchmark's code, tried on the CPU with a tiny model, and its count of operations."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from core.engine.one_pass import explain_chunk
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.fit import dimensions_of, recomputing
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.benchmarks import gpu
from tests.benchmarks.operations import BACK, operations
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture


class Products(TorchDispatchMode):
    """Operations of matrix products, as torch counts them."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function._overloadpacket in flop_registry:
            self.total += flop_registry[function._overloadpacket](*args, **(kwargs or {}), out_val=result)
        return result


SENTENCE = "In the bottom left is a blue square."


def test_the_whole_script_on_the_cpu(capsys):
    sizes = "--grid 2 3 --large 4 5 --tokens 2 --samples 2 --repeats 1"
    gpu.main(["--device", "cpu", "--config", "tiny", *sizes.split()])
    said = capsys.readouterr().out
    assert "torch" in said and "transformers" in said and "tiny: 4 layers, 6 visual tokens, 2 samples" in said
    for words in ("sweep after generation", "TFLOP", "original's manner", "20 visual tokens, one sample, recomputed"):
        assert words in said
    assert said.count("predicted") == 3


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_device_it_skips_in_words(capsys):
    gpu.main([])
    assert capsys.readouterr().out.startswith("Skipped: PyTorch finds no CUDA device here.")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("recompute", [False, True])
def test_the_peak_on_a_device_is_predicted_within_15_percent(recompute):
    case = gpu.ask(build("midsize", torch.bfloat16, "cuda"), (24, 32), 8)
    requests = [gpu.request(tuple(range(12)), 2), gpu.request((), 2, "combined")]
    load, peak = gpu.peak_of(case, requests, 2, recompute)
    activations = gpu.predicted(case, load) - case.weights
    assert activations == pytest.approx(peak - case.weights, rel=0.15)


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("method", ["gradient_norm", "input_gradient"])
def test_operations_are_those_that_torch_counts(recompute, method):
    loaded = build("tiny").loaded
    prepared = prepare(loaded, load_picture(gradient_picture(168, 224)), "Where?", 100_000)
    layers = (0, 1, 2, 3) if method == "gradient_norm" else ()
    request = ExplainRequest(
        image="i",
        prompt="q",
        model="m",
        method=method,
        layers=layers,
        num_samples=2,
        target=Target.answer(sentence=SENTENCE),
    )
    with frozen(loaded.model):
        answer = force_answer(loaded, prepared, SENTENCE)
        case = gpu.Case(None, None, prepared, answer, 0)
        object.__setattr__(case, "explainer", type("Holder", (), {"loaded": loaded}))
        load, _ = gpu.peak_of(case, [request], 2, recompute)
        with recomputing(recompute), Products() as counted:
            explain_chunk(loaded, prepared, answer, [request], range(2))
    d, tokens = dimensions_of(loaded), load.samples * load.length
    # The CPU's fused attention is not among what torch counts.
    wide, again = d.heads * d.head_width, load.depth * recompute
    attention = 2 * wide * load.length * tokens * (d.layers + again + BACK * load.depth)
    patches, t = load.samples * load.visual * 4, d.tower
    seen = 2 * min(64, load.visual * 4) + load.visual * 4
    attention += patches * 4 * t.width * seen * (1 + BACK if load.pixels else 1)
    linear = operations(d, load, whole=1) - attention
    # Recomputation stops at the last thing that is needed, which leaves out a layer's last product.
    assert counted.total == pytest.approx(linear, rel=0.12 if recompute else 0.01)
