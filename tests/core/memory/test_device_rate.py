"""How fast a device is, as measured."""

import subprocess
import sys
import time

import pytest
import torch

from core.memory.device_rate import measure_rate, rate_of


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_device_is_measured_in_a_moment(dtype):
    started = time.perf_counter()
    rate = measure_rate("cpu", dtype)
    assert time.perf_counter() - started < 20
    # A phone of ten years ago, and more than any processor: an order of magnitude is what is held here.
    assert 1e8 < rate.operations < 1e14 and 1e8 < rate.bytes < 1e13 and 1e3 < rate.starts < 1e8


def test_products_take_what_the_rate_says():
    rate = measure_rate("cpu", "float32")
    left, right = torch.ones(512, 2048), torch.ones(2048, 512)
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - started)
    assert 0.1 < sorted(seconds)[4] * rate.operations / (2 * 512 * 512 * 2048) < 10


def test_it_is_that_of_the_loaded_model_and_waits_for_its_run(explainer):
    with explainer.loaded.lock:
        pass
    assert rate_of(explainer).operations > 1e8
    assert not explainer.loaded.lock.locked()


def test_no_torch_is_needed_to_speak_of_it():
    code = "import sys; import core.memory.device_rate; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
