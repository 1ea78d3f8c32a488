"""The benchmark's code, tried on the CPU with a tiny model."""

import pytest
import torch

from tests.benchmarks import gpu
from tests.benchmarks.sizes import build


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
