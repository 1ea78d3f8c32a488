"""Frames that are given one by one."""

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import VideoError
from core.inputs.pictures import load_picture
from core.inputs.videos.loading import load_video
from tests.core.inputs.videos.films import film, grey, level


def levels(video) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in video.frames]


@pytest.fixture
def folder(tmp_path):
    """Twelve frames, whose names have to be sorted by number, and what is no frame."""
    for number in range(12):
        Image.fromarray(grey(number)).save(tmp_path / f"frame{number}.png")
    (tmp_path / "notes.txt").write_text("no frame")
    (tmp_path / ".hidden.png").write_text("no frame")
    return tmp_path


def test_however_frames_are_given_they_are_the_same_video(folder):
    arrays = [grey(number) for number in range(12)]
    video = load_video(np.stack(arrays), fps=4)
    assert video.times.tolist() == [number / 4 for number in range(12)] and video.duration == 3
    png = io.BytesIO()
    Image.fromarray(arrays[0]).save(png, "PNG")
    mixed = [png.getvalue(), Image.fromarray(arrays[1]), load_picture(Image.fromarray(arrays[2])), *arrays[3:]]
    mixed[5] = folder / "frame5.png"
    digests = {load_video(each, fps=4).digest for each in (arrays, tuple(arrays), folder, str(folder), mixed)}
    assert digests == {video.digest}


def test_without_a_rate_they_are_taken_for_two_a_second_and_that_is_said(folder):
    video = load_video(folder)
    assert video.times[-1] == 5.5 and len(video) == 12
    assert any("taken for 2 a second" in note for note in video.notes)


def test_some_of_them(folder):
    assert levels(load_video(folder, fps=4, count=3)) == [level(0), level(4), level(8)]
    assert levels(load_video(folder, fps=4, start=1, end=2)) == [level(number) for number in range(4, 8)]
    assert levels(load_video(folder, fps=4, start=1, count=2)) == [level(4), level(8)]
    assert len(load_video(folder, count=99)) == 12


def test_only_those_that_are_sampled_are_read(folder):
    (folder / "frame3.png").write_text("broken")
    assert len(load_video(folder, count=3)) == 3
    with pytest.raises(VideoError, match="^Frame 4 cannot be used. This file is not a picture"):
        load_video(folder)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ([], "No frame was given"),
        ((), "No frame was given"),
        (np.zeros((0, 4, 4, 3), np.uint8), "No frame was given"),
        ([grey(0), grey(1)[:20]], "Frame 2 has 64 x 20 pixels, those before it 64 x 48"),
        ([grey(0).astype(float)], "Frame 1 is no uint8 array"),
        ([grey(0)[..., :2]], "Frame 1 is no uint8 array"),
        ([None], "Frame 1 cannot be used. A picture is"),
        ([film()], "Frame 1 cannot be used. This file is a video"),
        ([grey(0)] * 769, "There are 769 frames; at most 768"),
        ([np.zeros((2400, 4200, 3), np.uint8)], "at most 4K"),
        ([np.zeros((1, 900, 3), np.uint8)], "too thin"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_frames_that_cannot_be_used(source, sentence):
    with pytest.raises(VideoError, match=sentence):
        load_video(source)


def test_a_folder_without_pictures(tmp_path):
    with pytest.raises(VideoError, match="holds no pictures"):
        load_video(tmp_path)


def test_a_video_stays_as_it_is():
    video = load_video([grey(0), grey(1)], fps=2)
    assert load_video(video) is video
    with pytest.raises(VideoError, match="sampled already"):
        load_video(video, fps=1)


def test_one_frame_and_an_odd_number_are_said():
    assert load_video([grey(0)], fps=1).notes == ("A single frame was sampled: nothing moves in it.",)
    (said,) = load_video([grey(0), grey(1), grey(2)], fps=1).notes
    assert said.startswith("The number of frames is odd")
    assert load_video([grey(0), grey(1)], fps=1).notes == ()
