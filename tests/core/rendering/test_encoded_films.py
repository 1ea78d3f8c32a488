"""Films that players show: every picture, as long as it should last."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageSequence

from core import load_video
from core.rendering.encoded_films import FASTEST, SLOWEST, animated_webp, encode_film, rate_of


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


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_colours_are_said_in_the_file_and_the_same_pictures_give_the_same_bytes(kind):
    import av

    pictures = [np.full((48, 64, 3), (200, 30, 60), np.uint8)] * 2
    data = encode_film(pictures, [0.2, 0.2], kind)
    assert data == encode_film(pictures, [0.2, 0.2], kind)
    with av.open(io.BytesIO(data)) as file:
        frame = next(file.decode(video=0))
    assert frame.colorspace == 1  # BT.709
    assert frame.to_ndarray(format="rgb24")[24, 32].astype(int) == pytest.approx([200, 30, 60], abs=6)


def test_an_animated_webp_draws_one_frame_at_a_time():
    held = []

    def pictures() -> Iterator[np.ndarray]:
        for level in (30, 120, 220):
            held.append(level)
            yield np.full((47, 63, 3), level, np.uint8)

    data = animated_webp(pictures(), [1.0, 2.5, 0.001])
    assert held == [30, 120, 220]
    with Image.open(io.BytesIO(data)) as film:
        frames = [(int(np.asarray(each)[20, 20, 0]), each.info["duration"]) for each in ImageSequence.Iterator(film)]
    assert film.n_frames == 3 and [lasting for _level, lasting in frames] == [1000, 2500, 40]
    assert [level for level, _lasting in frames] == pytest.approx([30, 120, 220], abs=3)


def test_one_picture_is_a_film_too():
    with Image.open(io.BytesIO(animated_webp([np.full((8, 8, 3), 90, np.uint8)], [1.0]))) as film:
        assert film.size == (8, 8) and int(np.asarray(film)[4, 4, 0]) == pytest.approx(90, abs=3)
