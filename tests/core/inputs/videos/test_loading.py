"""Whole video files of the kinds that are read: the frames that were written, at their times."""

import numpy as np
import pytest

from core.inputs.videos.loading import load_video
from tests.core.inputs.videos.films import SIZE, film, grey, level

LOSSLESS = {"pix_fmt": "rgb24", "options": (("qp", "0"), ("g", "5"))}
FILMS = {
    "mp4": ("mp4", "libx264", {}),
    "webm": ("webm", "libvpx-vp9", {}),
    "webm vp8": ("webm", "libvpx", {}),
    "mkv": ("matroska", "libx264", {}),
    "mov 10 bits": ("mov", "prores_ks", {"pix_fmt": "yuv422p10le", "options": ()}),
    "avi": ("avi", "mpeg4", {}),
    "lossless": ("matroska", "libx264rgb", LOSSLESS),
}


def levels(video) -> list[int]:
    """The grey of each frame."""
    return [round(float(frame.mean())) for frame in video.frames]


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [0, 5, 10, 15]),
        ({"fps": 5}, list(range(0, 20, 2))),
        ({"fps": 100}, list(range(20))),
        ({"count": 5}, [0, 4, 8, 12, 16]),
        ({"count": 1}, [0]),
        ({"start": 0.5, "end": 1.5, "fps": 5}, [5, 7, 10, 12]),
        ({"start": 1.8}, [18, 19]),
    ],
    ids=str,
)
def test_the_frames_shown_at_the_moments_asked_for(name, asked, numbers):
    container, codec, more = FILMS[name]
    video = load_video(film(container, codec, **more), **asked)
    assert video.size == SIZE and video.duration == pytest.approx(2.0)
    np.testing.assert_allclose(levels(video), [level(number) for number in numbers], atol=2.5)
    np.testing.assert_allclose(video.times, np.array(numbers) / 10, atol=1e-9)


def test_the_digest_is_that_of_the_same_frames_in_a_list():
    from_file = load_video(film("matroska", "libx264rgb", **LOSSLESS), fps=10)
    from_list = load_video([grey(number) for number in range(20)], fps=10)
    assert np.array_equal(from_file.frames, from_list.frames)
    assert from_file.digest == from_list.digest
    assert from_file.digest != load_video(from_list.frames, fps=11).digest
