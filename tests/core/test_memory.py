import sys

import numpy as np
import pytest
import torch

from core.memory import peak_bytes, watch

CPU = torch.device("cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_peak_is_of_what_came_after_the_watch_began():
    watch(CPU)
    before = peak_bytes(CPU)
    block = np.ones(200 << 20, np.uint8)
    during = peak_bytes(CPU)
    del block
    assert during - before > 150 << 20
    assert peak_bytes(CPU) > during - (5 << 20)  # it stays, though the block is gone; the system counts in batches
    watch(CPU)
    assert peak_bytes(CPU) < during - (150 << 20)


def test_a_system_that_does_not_tell_says_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("core.memory._STATUS", tmp_path / "none")
    monkeypatch.setattr("core.memory._FORGET", tmp_path / "no folder" / "none")
    watch(CPU)
    assert peak_bytes(CPU) == 0
