"""When each word of an answer came from."""

import numpy as np
import pytest

from core.analysis.time.moments import Peak
from core.analysis.time.words import words_over_time
from core.errors import InputError
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.time_steps import TimeStep
from core.schema.words import Word

STEPS = (TimeStep(0.0, 1.0), TimeStep(1.0, 2.0))
RED, BALL = Word("red", 0, 1), Word("ball", 1, 2)


def result(heat: np.ndarray, steps: tuple[TimeStep, ...] = STEPS) -> ExplainResult:
    request = ExplainRequest(
        image="a" * 64, prompt="When?", model="m", layers=(3,), method="gradcam", noise_std=0.0, frames=2 * len(steps)
    )
    heat = np.asarray(heat, np.float32)[None]
    return ExplainResult(request, Answer("red ball", ()), heat, np.zeros_like(heat), 1, 8, {}, steps=steps)


def test_each_word_has_its_own_time():
    maps = {RED: [[[1.0, 2.0]], [[0.0, 1.0]]], BALL: [[[0.0, 0.0]], [[0.0, 4.0]]]}
    steps, (red, ball) = words_over_time({word: result(np.array(heat)) for word, heat in maps.items()}, 3)
    assert steps == STEPS and (red.word, ball.word) == (RED, BALL)
    assert red.shares == pytest.approx([0.75, 0.25]) and ball.shares == pytest.approx([0, 1])
    assert (red.mean, ball.mean) == (pytest.approx(0.75), pytest.approx(1.5))
    assert red.mean_error == 0 and (red.errors == 0).all()
    assert (red.peak, ball.peak) == (Peak(0, 0, 1, 2.0), Peak(1, 0, 1, 4.0))


def test_words_of_several_videos_or_of_none():
    other = result(np.ones((1, 1, 2)), STEPS[:1])
    with pytest.raises(InputError, match="all about one video"):
        words_over_time({RED: result(np.ones((2, 1, 2))), BALL: other}, 3)
    with pytest.raises(InputError, match="at least one word"):
        words_over_time({})
