import sys

import numpy as np
import pytest
import torch

from core.memory import free_bytes, peak_bytes, watch

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


def test_what_is_free_on_this_machine():
    free = free_bytes(CPU)
    assert free is None or 0 < free < 1 << 50
    if sys.platform == "linux":
        assert free is not None


def test_a_control_groups_limit_counts(monkeypatch, tmp_path):
    meminfo, limit, used = (tmp_path / name for name in ("meminfo", "max", "current"))
    monkeypatch.setattr("core.memory._MEMINFO", meminfo)
    monkeypatch.setattr("core.memory._GROUPS", ((limit, used), (tmp_path / "none", used)))
    assert free_bytes(CPU) is None
    meminfo.write_text("MemTotal:   4000 kB\nMemAvailable:   3000 kB\n")
    assert free_bytes(CPU) == 3000 << 10
    for words, wanted in (("max", 3000 << 10), ("2000000\n", 1_500_000), ("100", 0)):
        limit.write_text(words)
        used.write_text("500000\n")
        assert free_bytes(CPU) == wanted
