"""Fewer bits, tried on the CPU with a tiny model."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

from tests.benchmarks import gpu, precision
from tests.benchmarks.sizes import build


@pytest.fixture
def case():
    return gpu.ask(build("tiny", torch.bfloat16), (2, 3), 2)


def test_maps_of_bfloat16_are_like_those_of_the_same_weights_in_float32(case):
    found = precision.against_float32(case.explainer, case.prepared, case.answer, gpu.request((0, 1, 2, 3), 1))
    assert len(found) == 4 and all(0.5 < likeness <= 1 for likeness in found)
    assert case.explainer.loaded.model.dtype == torch.float32
    again = precision.against_float32(case.explainer, case.prepared, case.answer, gpu.request((0, 1, 2, 3), 1))
    assert again == pytest.approx([1.0] * 4)


def test_the_decoders_matrices_are_rounded_and_nothing_else(case, monkeypatch):
    class Linear4bit(nn.Linear):
        def __init__(self, inside, outside, bias, compute_dtype, quant_type):
            super().__init__(inside, outside, bias, dtype=compute_dtype)

    package = ModuleType("bitsandbytes.nn")
    package.Linear4bit = Linear4bit
    package.Params4bit = lambda data, requires_grad, quant_type: nn.Parameter(data, requires_grad)
    monkeypatch.setitem(sys.modules, "bitsandbytes", SimpleNamespace(nn=package))
    monkeypatch.setitem(sys.modules, "bitsandbytes.nn", package)
    loaded = case.explainer.loaded
    before = precision.maps_of(loaded, case.prepared, case.answer, gpu.request((0, 3), 1))
    assert precision.in_four_bits(loaded) == 4 * 7
    assert not any(isinstance(module, Linear4bit) for block in loaded.blocks for module in block.modules())
    after = precision.maps_of(loaded, case.prepared, case.answer, gpu.request((0, 3), 1))
    assert after == pytest.approx(before)  # the stand-in rounds nothing


def test_without_the_package_it_says_so(case, capsys, monkeypatch):
    monkeypatch.setattr(precision, "has_four_bits", lambda: False)
    gpu.four_bits(case, [], 1, 20e9)
    assert "Skipped: bitsandbytes is not installed" in capsys.readouterr().out


def test_in_four_bits_as_many_samples_go_at_once_as_fit(case, capsys, monkeypatch):
    monkeypatch.setattr(precision, "has_four_bits", lambda: True)
    monkeypatch.setattr(precision, "in_four_bits", lambda loaded: 0)
    monkeypatch.setattr(gpu, "peak_of", lambda case, requests, count, recompute: (None, count * 4e9))
    gpu.four_bits(case, [], 10, 20e9)
    assert "in 4 bits, 5 samples at once" in capsys.readouterr().out
