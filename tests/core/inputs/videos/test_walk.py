"""The way through a film against the slow, obvious one: decode all, and take the last frame that is not too late."""

import io

import numpy as np
import pytest

from core.errors import VideoError
from core.inputs.videos import walk
from core.inputs.videos.film import opened
from core.inputs.videos.loading import load_video
from core.inputs.videos.walk import Walk, key_frames
from tests.core.inputs.videos.films import film

NOISE = np.random.default_rng(1).integers(0, 256, (300, 48, 64, 3), np.uint8)


def moving(number: int, size: tuple[int, int]) -> np.ndarray:
    """A patch of noise on grey, another one in each frame."""
    pixels = np.full((size[1], size[0], 3), 128, np.uint8)
    pixels[8:24, number % 40 : number % 40 + 16] = NOISE[number, :16, :16]
    return pixels


QUICK = ("preset", "ultrafast")
FILMS = {
    "short groups": ("mp4", "mov", "libx264", {"options": (("g", "12"), ("bf", "2"))}),
    "open groups": ("mp4", "mov", "libx264", {"options": (("g", "12"), ("bf", "3"), ("x264-params", "open-gop=1"))}),
    "one group": ("mp4", "mov", "libx264", {"options": (("g", "999"), QUICK)}),
    "MKV": ("matroska", "matroska", "libx264", {"options": (("g", "12"), ("bf", "2"))}),
    "HEVC": ("mp4", "mov", "libx265", {"options": (("x265-params", "log-level=none:keyint=12:bframes=3"), QUICK)}),
    "VP9": ("webm", "matroska", "libvpx-vp9", {"options": (("g", "12"), ("cpu-used", "8"), ("deadline", "realtime"))}),
    "live": (
        "webm",
        "matroska",
        "libvpx",
        {"muxer": (("live", "1"),), "options": (("g", "12"), ("deadline", "realtime"))},
    ),
    "fragments": ("mp4", "mov", "libx264", {"muxer": (("movflags", "frag_keyframe+empty_moov"),)}),
    "AVI": ("avi", "avi", "mpeg4", {"options": (("g", "12"),)}),
    "AVI with B-frames": ("avi", "avi", "mpeg4", {"options": (("g", "12"), ("bf", "2"))}),
    "sound": ("mp4", "mov", "libx264", {"with_audio": True}),
    "uneven": ("mp4", "mov", "libx264", {"stamps": tuple(at + at * at // 40 for at in range(120))}),
    "late": ("matroska", "matroska", "libx264", {"stamps": tuple(range(7, 127))}),
    "early": ("mp4", "mov", "libx264", {"stamps": tuple(range(-5, 115))}),
}


def all_frames(data: bytes, kind: str) -> list[tuple[float, np.ndarray]]:
    """(seconds from the first frame, pixels) of every frame."""
    with opened(io.BytesIO(data), kind) as given:
        unit = float(given.unit)
        frames = [
            (frame.pts * unit, frame.to_ndarray(format="rgb24")) for frame in given.container.decode(given.stream)
        ]
    frames.sort(key=lambda each: each[0])
    return [(time - frames[0][0], pixels) for time, pixels in frames]


def on_the_way(data: bytes, kind: str, moments: np.ndarray) -> tuple[list[tuple[float, np.ndarray]], Walk]:
    with opened(io.BytesIO(data), kind) as given:
        walk = Walk(given)
        return [(time, frame.to_ndarray(format="rgb24")) for time, frame in walk.frames(moments)], walk


@pytest.mark.parametrize("name", FILMS)
def test_the_frames_are_those_that_decoding_all_gives(name):
    container, kind, codec, more = FILMS[name]
    data = film(container, codec, frames=120, rate=20, picture=moving, **more)
    every = all_frames(data, kind)
    times = np.array([time for time, _ in every])
    random = np.random.default_rng(2)
    for number in (1, 8, 40):
        moments = np.sort(random.uniform(0, times[-1], number))
        found, walk = on_the_way(data, kind, moments)
        assert len(found) == number
        for (time, pixels), moment in zip(found, moments, strict=True):
            right = max(0, np.searchsorted(times, moment + 1e-3, side="right") - 1)
            assert time == pytest.approx(times[right], abs=1e-6)
            assert np.array_equal(pixels, every[right][1]), f"{name}, {moment}"
        assert walk.decoded <= 1.2 * len(every) + 1


@pytest.mark.parametrize("name", ["short groups", "MKV", "AVI", "live", "fragments", "VP9"])
def test_few_frames_are_decoded_for_a_few(name):
    container, kind, codec, more = FILMS[name]
    data = film(container, codec, frames=120, rate=20, picture=moving, **more)
    found, walk = on_the_way(data, kind, np.array([0.05, 3.05, 5.9]))
    assert len(found) == 3
    assert walk.decoded < 60


def test_each_key_frame_of_the_index_is_known():
    with opened(io.BytesIO(film(frames=120, rate=20, options=(("g", "12"),))), "mov") as given:
        assert len(key_frames(given.stream)) == 10
    with opened(io.BytesIO(film("webm", "libvpx", muxer=(("live", "1"),))), "matroska") as given:
        assert len(key_frames(given.stream)) <= 1


def test_what_lies_behind_the_last_frame_is_shown_by_it_for_a_short_while_alone():
    data = film(frames=20, rate=10)
    assert len(on_the_way(data, "mov", np.array([1.0, 1.95, 2.05]))[0]) == 3
    assert len(on_the_way(data, "mov", np.array([1.0, 1.95, 3.0]))[0]) == 2


def test_a_film_that_takes_too_long_is_given_up(monkeypatch):
    data = film(frames=40, options=(("g", "100"),))
    monkeypatch.setattr(walk, "MAX_DECODED", 30 * walk.LEAST_DECODED)
    with pytest.raises(VideoError, match="takes too long to be read up to there.* Give an earlier end"):
        load_video(data, count=4)
    assert len(load_video(data, count=4, end=2)) == 4
    assert len(load_video(film(frames=40), count=4)) == 4  # key frames every five
