"""What the stages of a run took last time, over restarts."""

import json

import pytest

from dashboard.storage.stage_times import FILE, StageTimes


def test_times_outlive_the_process(tmp_path):
    StageTimes(tmp_path).note("qwen", "load", 12.34)
    again = StageTimes(tmp_path)
    assert again.usual("qwen", "load") == 12.3
    assert again.usual("other", "load") is None and again.usual("qwen", "answer") is None


def test_starting_is_the_same_for_every_model():
    times = StageTimes()
    times.note("qwen", "start", 4.0)
    assert times.usual("other", "start") == 4.0


@pytest.mark.parametrize("seconds", [0.0, 0.9, float("nan"), float("inf"), 1e9])
def test_what_tells_nothing_of_the_next_wait_is_not_remembered(seconds):
    times = StageTimes()
    times.note("qwen", "load", 5.0)
    times.note("qwen", "load", seconds)
    assert times.usual("qwen", "load") == 5.0


@pytest.mark.parametrize(
    "written", [b"", b"no JSON", b"[1]", b"\xff", b'{"load qwen": "long"}', b'{"load qwen": true}']
)
def test_a_file_that_is_none_counts_as_none(tmp_path, written):
    (tmp_path / FILE).write_bytes(written)
    times = StageTimes(tmp_path)
    assert times.usual("qwen", "load") is None
    times.note("qwen", "load", 2.0)
    assert json.loads((tmp_path / FILE).read_bytes()) == {"load qwen": 2.0}


def test_a_folder_that_is_not_there_costs_no_more_than_the_memory(tmp_path):
    times = StageTimes(tmp_path / "gone")
    times.note("qwen", "load", 2.0)
    assert times.usual("qwen", "load") == 2.0
