"""The pixels of frames: colours as the file means them, upright, square."""

import numpy as np
import pytest

from core.inputs.videos.limits import MAX_PIXELS
from core.inputs.videos.loading import load_video
from core.inputs.videos.pixels import on_white, smaller
from tests.core.inputs.videos.films import SIZE, film

EXACT = (("qp", "1"),)


def quarters(number: int, size: tuple[int, int]) -> np.ndarray:
    """Red, green, blue and nearly white: top left, top right, bottom left, bottom right."""
    width, height = size
    pixels = np.full((height, width, 3), 220, np.uint8)
    pixels[: height // 2, : width // 2] = (200, 30, 30)
    pixels[: height // 2, width // 2 :] = (30, 180, 30)
    pixels[height // 2 :, : width // 2] = (30, 30, 200)
    return pixels


def clear(number: int, size: tuple[int, int]) -> np.ndarray:
    """ARGB: `quarters`, half of them transparent, the top left one half seen."""
    pixels = np.dstack([np.full(size[::-1], 255, np.uint8), quarters(number, size)])
    pixels[: size[1] // 2, : size[0] // 2, 0] = 128
    pixels[size[1] // 2 :, :, 0] = 0
    return pixels


def middles(pixels: np.ndarray) -> np.ndarray:
    """The pixels in the middle of each quarter, int [4, 3]."""
    height, width = pixels.shape[:2]
    at = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return np.array([pixels[each] for each in at], int)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_video_stands_upright(degrees):
    video = load_video(film(turned=degrees, picture=quarters, options=EXACT), count=1)
    expected = np.rot90(quarters(0, SIZE), degrees // 90)
    assert video.frames.shape[1:] == expected.shape
    np.testing.assert_allclose(middles(video.frames[0]), middles(expected), atol=2)
    assert ("The camera's orientation mark was applied." in video.notes) == bool(degrees)


@pytest.mark.parametrize(
    ("container", "codec", "pix_fmt", "options"),
    [
        ("mp4", "libx264", "yuv420p", EXACT),
        ("mp4", "libx264", "yuvj420p", EXACT),  # full range
        ("mp4", "libx264", "yuv444p10le", EXACT),  # 10 bits
        ("avi", "mjpeg", "yuvj420p", (("qscale", "1"),)),
        ("mov", "prores_ks", "yuv422p10le", ()),
    ],
)
def test_colours_are_those_that_were_written(container, codec, pix_fmt, options):
    video = load_video(film(container, codec, pix_fmt=pix_fmt, picture=quarters, options=options), count=1)
    np.testing.assert_allclose(middles(video.frames[0]), middles(quarters(0, SIZE)), atol=4)


def test_transparent_parts_lie_on_white():
    video = load_video(film("mov", "qtrle", pix_fmt="argb", pixel="argb", picture=clear, options=()), count=1)
    np.testing.assert_allclose(
        middles(video.frames[0]), [(227, 142, 142), (30, 180, 30), (255, 255, 255), (255, 255, 255)], atol=1
    )
    assert "Transparent parts were laid on white." in video.notes


@pytest.mark.parametrize(("aspect", "size"), [("2/1", (128, 48)), ("1/2", (64, 96)), ("10/1", (64, 48))])
def test_pixels_that_are_not_square_are_stretched_as_players_do(aspect, size):
    video = load_video(film(aspect=aspect), count=1)
    assert video.size == size
    assert any("square" in note for note in video.notes)


@pytest.mark.parametrize(
    ("setting", "note"),
    [("tff=1", "The video is interlaced"), ("transfer=smpte2084", "high dynamic range"), ("bframes=1", "")],
)
def test_what_is_not_mended_is_said(setting, note):
    notes = load_video(film(options=(("x264-params", setting),)), count=2).notes
    assert any(note in each for each in notes) if note else not notes


def test_many_large_frames_are_read_smaller():
    assert smaller((1920, 1080), 64) == (1920, 1080)
    width, height = smaller((3840, 2160), 64)
    assert MAX_PIXELS * 0.99 < 64 * width * height <= MAX_PIXELS
    assert width / height == pytest.approx(16 / 9, rel=0.01)


def test_each_frame_is_read_smaller_and_said_to_be(monkeypatch):
    monkeypatch.setattr("core.inputs.videos.pixels.MAX_PIXELS", 4 * 32 * 24)
    video = load_video(film(picture=quarters, options=EXACT), count=4)
    assert video.size == (32, 24)
    np.testing.assert_allclose(middles(video.frames[0]), middles(quarters(0, SIZE)), atol=3)
    assert "Each frame was read at 32 x 24 pixels instead of 64 x 48." in video.notes


def test_opaque_pixels_stay_and_clear_ones_are_white():
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 200, 51]]], np.uint8)
    assert on_white(pixels).tolist() == [[[10, 20, 30], [255, 255, 255], [204, 224, 244]]]
