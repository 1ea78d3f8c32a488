"""Frames and times as a `Video`."""

import numpy as np
import pytest

from core.errors import VideoError
from core.inputs.pictures import load_picture
from core.inputs.videos.video import Video
from core.schema import MAX_FRAMES
from tests.some import some

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 4, 6, 3), np.uint8)


def test_times_are_whole_milliseconds_or_finer_where_those_are_too_coarse():
    assert Video.of(FRAMES, [0, 1 / 30, 2 / 30]).times.tolist() == [0, 0.033, 0.067]
    assert Video.of(FRAMES, [0, 0.0002, 0.0004]).times.tolist() == [0, 0.0002, 0.0004]


def test_a_frame_ends_when_the_next_one_follows():
    assert Video.of(FRAMES, [0, 1, 3], 10.0).ends.tolist() == [1, 3, 5]
    assert Video.of(FRAMES[:1], [2]).ends.tolist() == [2.5]
    assert Video.of(FRAMES, [0, 1, 3]).duration == 5


def test_the_digest_changes_with_pixels_times_and_shape_and_with_nothing_else():
    video = Video.of(FRAMES, [0, 1, 2])
    other = FRAMES.copy()
    other[2, 3, 5, 2] ^= 1
    digests = {
        video.digest,
        Video.of(other, [0, 1, 2]).digest,
        Video.of(FRAMES, [0, 1, 2.001]).digest,
        Video.of(FRAMES.reshape(3, 6, 4, 3), [0, 1, 2]).digest,
    }
    assert len(digests) == 4
    assert Video.of(FRAMES[:, ::-1][:, ::-1], [0, 1, 2], 99.0, ("A note.",)).digest == video.digest
    assert len(video.digest) == 64


def test_a_still_has_the_digest_of_the_same_picture():
    video = Video.of(FRAMES, [0, 1, 2])
    picture = video.still(1)
    assert picture.size == video.size == (6, 4)
    assert picture.digest == load_picture(picture.to_pil()).digest
    assert len(video.to_pil()) == len(video) == 3
    for number in some([-1, 3, True, None, 0.0]):
        with pytest.raises(VideoError, match="frames 0 to 2"):
            video.still(number)


def test_frames_are_read_only():
    video = Video.of(FRAMES.copy(), [0, 1, 2])
    with pytest.raises(ValueError, match="read-only"):
        video.frames[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        video.times[0] = 0


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([0, 2, 1], "must ascend"),
        ([0, 1, 1], "must ascend"),
        ([0, 1, np.nan], "seconds from 0"),
        ([0, 1, np.inf], "seconds from 0"),
        ([-1, 0, 1], "seconds from 0"),
        ([0, 1, 1e9], "seconds from 0"),
        ([0, 1], "as many times"),
        ("abc", "as many times"),
        ([[0, 1, 2]], "as many times"),
    ],
    ids=str,
)
def test_times_that_cannot_be(times, sentence):
    with pytest.raises(VideoError, match=sentence):
        Video.of(FRAMES, times)


@pytest.mark.parametrize(
    "frames",
    [
        FRAMES[..., :2],
        FRAMES[0],
        FRAMES.astype(float),
        FRAMES[:0],
        FRAMES[:, :0],
        None,
        np.zeros((MAX_FRAMES + 1, 1, 1, 3), "u1"),
    ],
    ids=lambda frames: str(getattr(frames, "shape", frames)),
)
def test_frames_that_cannot_be(frames):
    with pytest.raises(VideoError):
        Video.of(frames, np.arange(3))


@pytest.mark.parametrize("duration", [1.5, -1, np.nan, "3", True])
def test_a_duration_that_cannot_be(duration):
    with pytest.raises(VideoError, match="duration"):
        Video.of(FRAMES, [0, 1, 2], duration)
