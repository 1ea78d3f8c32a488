"""What would be sampled, said before it is."""

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import VideoError
from core.inputs.videos import walk
from core.inputs.videos.limits import FRAMES_UNASKED
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import clock, plan_video
from tests.core.inputs.videos.films import film, grey

GIF = io.BytesIO()
Image.fromarray(grey(0)).save(GIF, "GIF", save_all=True, append_images=[Image.fromarray(grey(1))], duration=100)
SOURCES = {
    "mp4": film(),
    "turned": film(turned=90, aspect="4/3"),
    "live": film("webm", "libvpx", muxer=(("live", "1"),)),
    "gif": GIF.getvalue(),
    "frames": [grey(number) for number in range(9)],
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("asked", [{}, {"fps": 5}, {"count": 3}, {"start": 0.1}], ids=str)
def test_the_plan_is_what_is_done(name, asked):
    plan, video = plan_video(SOURCES[name], **asked), load_video(SOURCES[name], **asked)
    assert plan.frames == len(video) and plan.size == video.size and plan.memory == video.frames.nbytes
    assert plan.duration == video.duration and set(plan.notes) <= set(video.notes)
    np.testing.assert_allclose(plan.times, video.times, atol=0.11)


def test_two_hours_without_limits_in_one_sentence():
    long = film(frames=7200, rate=1, options=(("g", "250"), ("preset", "ultrafast")))
    plan = plan_video(long)
    assert plan.frames == FRAMES_UNASKED
    assert plan.sentence == (
        "Of 2 h 0 min, 64 frames of 64 x 48 pixels would be sampled, one every 112 s: 0.197 megapixels in all."
    )
    with pytest.raises(VideoError, match="At 2 frames a second, 7,200 frames would be sampled of 7200 s; at most 768"):
        plan_video(long, fps=2)


def test_a_plan_decodes_next_to_nothing(monkeypatch):
    walks = []
    monkeypatch.setattr(walk.Walk, "__init__", _remembering(walks, walk.Walk.__init__))
    plan_video(film(frames=120, rate=20), fps=5)
    assert sum(each.decoded for each in walks) < 10


def _remembering(walks, begin):
    def init(self, film_):
        walks.append(self)
        begin(self, film_)

    return init


def test_a_single_frame():
    assert plan_video(film(), count=1).sentence == "Of 2 s, one frame of 64 x 48 pixels would be sampled."


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "0.5 s"), (4.25, "4.25 s"), (65, "1 min 5 s"), (7200, "2 h 0 min"), (3725, "1 h 2 min")]
)
def test_durations_for_people(seconds, text):
    assert clock(seconds) == text


def test_a_video_needs_no_plan():
    video = load_video([grey(0), grey(1)], fps=2)
    assert plan_video(video).pixels == 2 * 64 * 48
    with pytest.raises(VideoError, match="sampled already"):
        plan_video(video, count=1)
