"""Animated GIF and WebP as videos."""

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import VideoError
from core.inputs.containers import gif
from core.inputs.containers.first_frame import Broken
from core.inputs.pictures import load_picture
from core.inputs.videos import animations
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import plan_video
from tests.core.inputs.videos.films import grey, level

SINGLE = "A single frame was sampled: nothing moves in it."
ODD = "The number of frames is odd; models that see frames in pairs are shown the last one twice."


def animation(format_: str, durations: list[int], alpha: bool = False) -> bytes:
    images = [Image.fromarray(grey(number)) for number in range(len(durations))]
    if alpha:
        for image in images:
            image.putalpha(Image.new("L", image.size, 0))
    file = io.BytesIO()
    options = {"lossless": True} if format_ == "WEBP" else {}
    images[0].save(file, format_, save_all=True, append_images=images[1:], duration=durations, **options)
    return file.getvalue()


def levels(video) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in video.frames]


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_its_frames_at_their_own_times(format_):
    data = animation(format_, [100, 200, 300, 400])
    video = load_video(data, fps=100)
    assert video.times.tolist() == [0, 0.1, 0.3, 0.6] and video.duration == 1.0
    assert levels(video) == [level(number) for number in range(4)]
    assert video.digest == load_video(data).digest
    assert load_picture(data).notes == ("The file has 4 frames; the first one is used.",)


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_moments_of_it(format_):
    data = animation(format_, [100] * 19 + [1000])
    video = load_video(data, count=4)
    # The last frame is shown from 1.9 s on, and still at 2.175 s.
    assert video.times.tolist() == [0, 0.7, 1.4, 1.9]
    assert levels(video) == [level(0), level(7), level(14), level(19)]
    assert load_video(data, count=6).times.tolist() == [0, 0.4, 0.9, 1.4, 1.9, 2.417]
    assert levels(load_video(data, start=0.5, end=0.9)) == [level(number) for number in (5, 6, 7, 8)]


def test_frames_without_a_time_are_shown_as_browsers_do():
    assert load_video(animation("GIF", [0, 0, 10])).times.tolist() == [0, 0.1, 0.2]


def test_transparent_frames_lie_on_white():
    video = load_video(animation("WEBP", [100, 100], alpha=True))
    assert (video.frames == 255).all()
    assert "Transparent parts were laid on white." in video.notes


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_bad_animations(format_, monkeypatch):
    whole = animation(format_, [100] * 9)
    with pytest.raises(VideoError, match="damaged or cut off|still picture"):
        load_video(whole[: len(whole) // 12])
    monkeypatch.setattr(animations, "MAX_ANIMATION", 5 * 64 * 48)
    with pytest.raises(VideoError, match="takes too long"):
        load_video(whole, fps=10)
    assert len(load_video(whole, end=0.4)) == 4


def test_a_later_frame_does_not_make_the_canvas_larger():
    data = bytearray(animation("GIF", [100, 100]))
    second = data.rindex(b"\x2c\0\0\0\0\x40\0\x30\0") + 1
    data[second : second + 2] = (20_000).to_bytes(2, "little")
    with pytest.raises(Broken):
        gif.frame_delays(bytes(data))
    with pytest.raises(VideoError, match="damaged"):
        load_video(bytes(data))


def test_one_frame_and_an_odd_number_are_said():
    data = animation("GIF", [100] * 9)
    assert load_video(data, count=1).notes == plan_video(data, count=1).notes == (SINGLE,)
    assert load_video(data, count=3).notes == (ODD,)
    assert load_video(data, count=4).notes == ()


def test_each_frame_is_read_smaller(monkeypatch):
    monkeypatch.setattr("core.inputs.videos.pixels.MAX_PIXELS", 2 * 32 * 24)
    video = load_video(animation("GIF", [100, 100]))
    assert video.size == (32, 24)
    assert np.ptp(video.frames[1]) == 0
    assert "Each frame was read at 32 x 24 pixels instead of 64 x 48." in video.notes
