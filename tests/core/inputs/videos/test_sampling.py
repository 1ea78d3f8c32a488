"""How many frames are sampled, and when: as the published processors have it, within our limits."""

import numpy as np
import pytest

from core.errors import VideoError
from core.inputs.videos.limits import FRAMES_UNASKED
from core.inputs.videos.sampling import Sampling, moments
from core.schema import MAX_FRAMES
from tests.some import some


def published(total: int, rate: float, fps: float) -> list[int]:
    """Frame numbers by Qwen2VLVideoProcessor.sample_frames of transformers 5.24, with its defaults."""
    most = min(768, total) // 2 * 2
    number = min(max(total / rate * fps, 4), most, total) // 2 * 2
    return [int(at * total / number) for at in range(int(number))]


@pytest.mark.parametrize("total", [4, 8, 60, 90, 301, 1000])
@pytest.mark.parametrize("rate", [10, 24, 25, 30])
@pytest.mark.parametrize("fps", [1, 2, 5])
def test_frames_a_second_are_those_of_the_published_processor(total, rate, fps):
    number = Sampling(fps=fps).how_many(total / rate, total)
    at = moments(0, total / rate, number) * rate
    assert np.floor(at + 1e-6).astype(int).tolist() == published(total, rate, fps)


def test_where_nothing_is_asked_two_a_second_but_never_more_than_a_server_stands():
    assert Sampling().how_many(10, 300) == 20
    assert Sampling().how_many(7200, 216_000) == FRAMES_UNASKED
    assert Sampling().how_many(0.5, 15) == 4
    assert Sampling().how_many(0.1, 3) == 3
    assert Sampling(count=7).how_many(10, 300) == 7
    assert Sampling(count=7).how_many(10, 5) == 5


def test_more_than_can_be_sampled_is_refused_and_not_cut():
    with pytest.raises(VideoError, match="not both"):
        Sampling(fps=2, count=2).how_many(1, 30)
    with pytest.raises(VideoError, match="14,400 frames would be sampled of 7200 s; at most 768"):
        Sampling(fps=2).how_many(7200, 216_000)
    assert Sampling(fps=2).how_many(MAX_FRAMES / 2, 10**6) == MAX_FRAMES


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        *(({"fps": value}, "^fps is") for value in (0, -1, np.nan, np.inf, 1e9, "2", True, 10**400, [])),
        *(({"count": value}, "^count is") for value in (0, -1, MAX_FRAMES + 1, 2.0, True, "4", np.nan)),
        *(({"start": value}, "^start and end are") for value in (-1, np.nan, np.inf, 1e9, "0", False)),
        ({"end": -1}, "^start and end are"),
        ({"start": 2, "end": 1}, "must be before end"),
        ({"start": 1, "end": 1}, "must be before end"),
        ({"end": 0}, r"start \(0 s\) must be before end \(0 s\)"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_asked(asked, sentence):
    with pytest.raises(VideoError, match=sentence):
        Sampling(**asked)


def test_the_span_ends_with_the_video():
    assert Sampling(start=1, end=9).span_of(5.0) == (1.0, 5.0)
    assert Sampling().span_of(5.0) == (0.0, 5.0)
    for start in some([5, 7.5]):
        with pytest.raises(VideoError, match="ends after 5.00 s"):
            Sampling(start=start).span_of(5.0)
