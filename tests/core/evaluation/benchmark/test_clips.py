"""The benchmark of clips, on maps that are made up."""

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.benchmark.clips import CLIP_METRICS, ClipCase, clip_summary, clip_table, judge_clip, measure_clips
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.time_steps import TimeStep

MASK = np.zeros((2, 4, 4), bool)
MASK[1, :2, :2] = True
STEPS = (TimeStep(0.0, 1.0), TimeStep(1.0, 2.0))
RIGHT, WRONG = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
RIGHT[1, 0, 0], RIGHT[1, 1, 1] = 3, 1  # right time, three quarters in the right place
WRONG[0, 0, 0], WRONG[1, 0, 0] = 3, 1


def clip(kind: str, answer: str = "red") -> ClipCase:
    return ClipCase(np.zeros((4, 4, 4, 3), np.uint8), np.arange(4) / 2, "Which?", answer, MASK, kind)


def explained(*maps: np.ndarray) -> ExplainResult:
    request = ExplainRequest(
        image="a" * 64, prompt="Which?", model="m", layers=(2, 5), method="gradcam", noise_std=0.0, frames=4
    )
    heat = np.stack(maps).astype(np.float32)
    return ExplainResult(request, Answer("red", ()), heat, np.zeros_like(heat), 1, 8, {}, steps=STEPS)


def test_one_map_by_hand():
    assert list(CLIP_METRICS) == ["pointing", "energy", "right_time"]
    assert judge_clip(np.stack([RIGHT, WRONG]), MASK).tolist() == [[1, 0.75, 1], [0, 0.25, 0.25]]


def test_means_by_kind_and_what_was_wrong():
    maps = {"appear": (RIGHT, WRONG), "vanish": (RIGHT, RIGHT)}
    clips = [clip("appear"), clip("vanish"), clip("appear", "blue")]
    told = clip_summary(measure_clips(clips, lambda each: explained(*maps[each.kind])))
    assert (told["clips"], told["wrong"], told["chance"]) == (2, 1, 1 / 8)
    row = told["methods"]["gradcam"]
    assert row["pointing"]["mean"] == [1, 0.5] and row["right_time"]["mean"] == [1, 0.625]
    assert row["by_kind"]["appear"]["energy"]["mean"] == [0.75, 0.25] and row["by_kind"]["vanish"]["clips"] == 1
    lines = clip_table(told).splitlines()
    assert lines[0] == "2 clips answered right, 1 wrong; a blind map points right in 0.125"
    assert (
        lines[2].split() == "gradcam all 2 1.000 (1.000 to 1.000) 0.750 (0.750 to 0.750) 1.000 (1.000 to 1.000)".split()
    )


def test_a_model_that_knows_nothing_and_a_truth_of_other_steps():
    with pytest.raises(InputError, match="None of 1 clips was answered right"):
        clip_summary(measure_clips([clip("appear", "blue")], lambda _: explained(RIGHT, RIGHT)))
    with pytest.raises(InputError, match="not of the same steps"):
        judge_clip(RIGHT[None], MASK[:1])
