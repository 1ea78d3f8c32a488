"""Films that players show: every picture, as long as it should last."""

import numpy as np
import pytest

from core import load_video
from core.rendering.encoded_films import FASTEST, SLOWEST, encode_film, rate_of


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_every_picture_is_there_as_long_as_it_should(kind):
    pictures = [np.full((47, 63, 3), level, np.uint8) for level in (30, 120, 220)]
    video = load_video(encode_film(pictures, [1.0, 2.0, 1.0], kind), fps=5)
    assert video.size == (64, 48) and video.duration == pytest.approx(4.0, abs=0.3)
    levels = video.frames[:, 20, 20, 0].astype(int)
    shown = [int(levels[np.searchsorted(video.times, at)]) for at in (0.5, 1.5, 2.5, 3.5)]
    assert shown == pytest.approx([30, 120, 120, 220], abs=6)


def test_the_rate_follows_the_shortest_picture():
    assert rate_of([1.0, 0.5]) == SLOWEST and rate_of([0.1, 1.0]) == 10
    assert rate_of([0.001]) == FASTEST and rate_of([0.0]) == SLOWEST
