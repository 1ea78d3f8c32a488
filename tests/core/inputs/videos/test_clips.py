"""Stored frames: every pixel and time comes back, and nothing else passes for them."""

import io
import json
import zipfile

import numpy as np
import pytest

from core.errors import VideoError
from core.inputs.decoding_gate import GATE, DecodingGate
from core.inputs.videos.clips import described, is_clip, read_clip, to_clip, video_in
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import plan_video
from core.inputs.videos.video import Video
from tests.some import some


def make_video(frames: int = 4, size: tuple[int, int] = (31, 17)) -> Video:
    pixels = np.random.default_rng(0).integers(0, 256, (frames, size[1], size[0], 3), np.uint8)
    return Video.of(pixels, np.arange(frames) / 3 + 0.1, 9.5, ("The video was turned upright.",))


def rewritten(
    data: bytes, change=lambda told: told, names=lambda name: name, packed: int = zipfile.ZIP_STORED
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", packed) as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "video.json":
                content = json.dumps(change(json.loads(content)))
            if names(member):
                new.writestr(names(member), content)
    return made.getvalue()


def test_a_video_comes_back_with_the_same_digest(tmp_path):
    video = make_video()
    data = to_clip(video)
    assert is_clip(data[:64])
    assert to_clip(video) == data
    clip = read_clip(data)
    assert clip.is_exact
    assert clip.video.digest == clip.digest == video.digest
    assert clip.video.frames.tobytes() == video.frames.tobytes()
    assert clip.video.times.tolist() == video.times.tolist()
    assert (clip.video.duration, clip.video.notes) == (9.5, video.notes)
    (tmp_path / "clip.mp4").write_bytes(data)  # by its content, not by its name
    assert load_video(tmp_path / "clip.mp4").digest == load_video(data).digest == video.digest
    assert plan_video(data).frames == 4
    assert described(data)["size"] == [31, 17]


def test_stored_frames_cannot_be_sampled_again():
    with pytest.raises(VideoError, match="sampled already"):
        load_video(to_clip(make_video()), fps=1)


def test_a_copy_to_look_at_is_smaller_and_answers_nothing():
    smooth = np.broadcast_to(np.linspace(0, 255, 200).astype(np.uint8)[None, None, :, None], (3, 150, 200, 3))
    noisy = (smooth + np.random.default_rng(0).integers(0, 9, smooth.shape)).clip(0, 255).astype(np.uint8)
    video = Video.of(noisy, np.arange(3.0))
    copy = to_clip(video, exact=False)
    assert len(copy) < len(to_clip(video)) / 3
    clip = read_clip(copy)
    assert not clip.is_exact
    assert clip.digest == video.digest != clip.video.digest
    assert np.abs(clip.video.frames.astype(int) - noisy).mean() < 4
    with pytest.raises(VideoError, match="copy to look at"):
        video_in(copy)


BROKEN = {
    "no clip": lambda data: b"PK\x03\x04" + b"\0" * 26 + b"video.json",
    "cut": lambda data: data[:-30],
    "packed": lambda data: rewritten(data, packed=zipfile.ZIP_DEFLATED),
    "a frame less": lambda data: rewritten(data, names=lambda name: name.replace("frame-0004.webp", "")),
    "another name": lambda data: rewritten(data, names=lambda name: name.replace("frame-0004", "../frame-0004")),
    "no description": lambda data: rewritten(data, names=lambda name: name.replace("video.json", "")),
    "another digest": lambda data: rewritten(data, lambda told: told | {"digest": "0" * 64}),
    "no digest": lambda data: rewritten(data, lambda told: told | {"digest": "../../etc/passwd"}),
    "another size": lambda data: rewritten(data, lambda told: told | {"size": [17, 31]}),
    "a huge size": lambda data: rewritten(data, lambda told: told | {"size": [2**30, 2**30]}),
    "no size": lambda data: rewritten(data, lambda told: told | {"size": [True, 1]}),
    "times that fall": lambda data: rewritten(data, lambda told: told | {"times": [3, 2, 1, 0]}),
    "no number": lambda data: rewritten(data, lambda told: told | {"times": [0, 1, 2, float("nan")]}),
    "texts": lambda data: rewritten(data, lambda told: told | {"times": ["0", 1, 2, 3]}),
    "a kind of its own": lambda data: rewritten(data, lambda told: told | {"kind": "EPS"}),
    "long notes": lambda data: rewritten(data, lambda told: told | {"notes": ["x" * 5000]}),
    "a duration": lambda data: rewritten(data, lambda told: told | {"duration": -1}),
    "a list": lambda data: rewritten(data, lambda told: [told]),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_no_clip_is_refused_in_a_sentence(how):
    with pytest.raises(VideoError, match=r"^[A-Z].*\.$"):
        read_clip(BROKEN[how](to_clip(make_video())))


def test_a_long_table_of_contents_is_refused_before_it_is_read(monkeypatch):
    made = io.BytesIO(to_clip(make_video()))
    with zipfile.ZipFile(made, "a") as file:
        for number in range(2_000):
            file.writestr(str(number), b"")
    assert is_clip(made.getvalue()[:64])
    monkeypatch.setattr(zipfile, "ZipFile", None)
    for read in (described, read_clip):
        with pytest.raises(VideoError, match="damaged"):
            read(made.getvalue())


def test_pictures_do_not_wait_for_the_frames_of_a_video(monkeypatch):
    monkeypatch.setattr("core.inputs.videos.clips.VIDEO_GATE", DecodingGate(1))
    with GATE.room_for(GATE._most):
        assert len(read_clip(to_clip(make_video())).video) == 4


def test_any_changed_byte_of_a_frame_is_noticed():
    data = to_clip(make_video())
    begin = data.index(b"VP8L")
    for place in some(range(begin + 20, begin + 600, 97)):
        changed = bytearray(data)
        changed[place] ^= 0x10
        with pytest.raises(VideoError):
            read_clip(bytes(changed))


def test_a_side_too_long_for_webp_is_kept_as_png():
    video = Video.of(np.zeros((1, 2, 16_400, 3), np.uint8), np.zeros(1))
    assert read_clip(to_clip(video)).video.digest == video.digest
