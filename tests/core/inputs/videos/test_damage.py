"""Damaged video files, made anew each time: a video or one sentence, and nothing else, in a bounded time."""

import io
import random
import time
from collections import Counter

import pytest
from PIL import Image

from core.errors import VideoError
from core.inputs.decoding_gate import VIDEO_GATE
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import plan_video
from tests.core.inputs.test_damage import OFF_STAGE
from tests.core.inputs.videos.films import film
from tests.core.inputs.videos.test_walk import moving

ASKED = ({}, {"fps": 10}, {"start": 0.7, "count": 3}, {"count": 16})
LARGE = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"\0\0\xff\xff")
SECONDS = 5.0


def animation(format_: str) -> bytes:
    images = [Image.fromarray(moving(number, (64, 48))) for number in range(12)]
    file = io.BytesIO()
    images[0].save(file, format_, save_all=True, append_images=images[1:], duration=100)
    return file.getvalue()


@pytest.fixture(scope="module")
def whole_files() -> list[bytes]:
    return [
        film(picture=moving),
        film(picture=moving, with_audio=True),
        film(picture=moving, muxer=(("movflags", "frag_keyframe+empty_moov"),)),
        film("matroska", "libx264", picture=moving),
        film("webm", "libvpx", picture=moving, options=(("deadline", "realtime"),)),
        film("webm", "libvpx", picture=moving, muxer=(("live", "1"),), options=(("deadline", "realtime"),)),
        film("avi", "mpeg4", picture=moving),
        film("avi", "mjpeg", pix_fmt="yuvj420p", picture=moving, options=()),
        film("mov", "prores_ks", pix_fmt="yuv422p10le", picture=moving, options=()),
        animation("GIF"),
        animation("WEBP"),
    ]


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """A file that was cut, or of which bits, bytes or sizes are wrong, or bytes too many or lost."""
    data, kind = bytearray(whole), chance.randrange(5)
    if kind == 0:
        return bytes(data[: chance.randrange(len(data))])
    if kind == 1:
        for _ in range(chance.choice([1, 3, 20])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 2:
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(400)] = bytes(chance.randrange(400))
    elif kind == 3:
        at = chance.randrange(len(data))
        data[at:at] = chance.randbytes(chance.randrange(1, 50))
    else:
        for _ in range(3):
            at = chance.randrange(min(len(data) - 4, 1500))
            data[at : at + 4] = chance.choice(LARGE)
    return bytes(data)


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_damaged_files_give_a_video_or_a_sentence(first, whole_files):
    outcomes = Counter()
    for seed in range(first, first + 100):
        chance = random.Random(seed)
        data, call = damaged(chance.choice(whole_files), chance), chance.choice([load_video, load_video, plan_video])
        began = time.thread_time()
        try:
            found = call(data, **chance.choice(ASKED))
            assert found.size[0] > 0 and len(found.times), seed
            outcomes["read"] += 1
        except VideoError as error:
            outcomes["refused"] += 1
            assert not OFF_STAGE.search(str(error)), f"{seed}: {error}"
            assert str(error).endswith((".", "name).")) and len(str(error)) < 250, f"{seed}: {error}"
        assert time.thread_time() - began < SECONDS, seed
    assert min(outcomes["read"], outcomes["refused"]) > 10, outcomes
    assert VIDEO_GATE.inside == VIDEO_GATE.waiting == 0  # whatever happened, room was given back
