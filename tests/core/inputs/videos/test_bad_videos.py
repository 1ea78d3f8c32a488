"""What people take for a video, or make of one to do harm: one sentence each, and nothing but the file is opened."""

import io
import logging
import struct

import av
import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError, VideoError
from core.inputs.pictures import load_picture
from core.inputs.videos import film as film_module
from core.inputs.videos import walk
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import plan_video
from tests.conftest import gradient_picture
from tests.core.inputs.videos.films import film, grey
from tests.some import some


def saved(format_: str, **options) -> bytes:
    file = io.BytesIO()
    gradient_picture(40, 30).save(file, format_, **options)
    return file.getvalue()


def patched(data: bytes, box: bytes, offset: int, value: int) -> bytes:
    """With four bytes of an MP4's box set to a number; the offset counts from the box's name."""
    at = data.index(box) + 4 + offset
    return data[:at] + struct.pack(">I", value) + data[at + 4 :]


def sound_alone() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000)
        frame = av.AudioFrame(format="s16", layout="stereo", samples=1024)
        frame.sample_rate, frame.pts = 48000, 0
        for packet in [*stream.encode(frame), *stream.encode()]:
            out.mux(packet)
    return file.getvalue()


WRONG = {
    "empty": (b"", "The file is empty"),
    "text": (b"hello\n" * 9, "not a video that can be read"),
    "a letter that begins as a transport stream does": (b"Good morning", "not a video that can be read"),
    "a picture for a video": (saved("PNG"), "still picture (PNG), not a video. Give it as a picture."),
    "a JPEG": (saved("JPEG"), "still picture (JPEG)"),
    "a GIF of one frame": (saved("GIF"), "still picture (GIF)"),
    "a WebP of one frame": (saved("WEBP"), "still picture (WebP)"),
    "an MP4 of sound": (sound_alone(), "sound alone"),
    "MP3": (b"ID3\x04" + bytes(99), "sound alone"),
    "WAV": (b"RIFF\0\0\0\0WAVEfmt " + bytes(99), "sound alone"),
    "M4A": (struct.pack(">I", 20) + b"ftypM4A \0\0\0\0M4A " + bytes(99), "sound alone"),
    "FLV": (b"FLV\1" + bytes(99), "Flash video (FLV), which is not read. Save it as MP4"),
    "WMV": (b"\x30\x26\xb2\x75\x8e\x66" + bytes(99), "Windows Media"),
    "MPG": (b"\0\0\1\xba" + bytes(99), "MPEG-1 or MPEG-2"),
    "TS": ((b"\x47" + bytes(187)) * 3, "transport stream"),
    "OGV": (b"OggS" + bytes(99), "an Ogg file"),
    "cut": (film()[:1000], "damaged or cut off"),
    "no frames": (film(frames=1)[:40], "damaged or cut off"),
    "8K": (film("avi", "mpeg4", frames=1, size=(7680, 4320)), "7680 x 4320 pixels; at most 4K"),
    "a codec that nobody has": (film().replace(b"avc1", b"zzzz"), "is not decoded here"),
    "a day and an hour": (
        film("matroska", frames=10, rate=1000, stamps=tuple(range(0, 100_000_000, 10_000_000))),
        "longer than 24 hours. Cut it",
    ),
    "protected": (film().replace(b"avc1", b"encv"), ""),
    "fifty million frames": (patched(patched(film(), b"stsz", 4, 1), b"stsz", 8, 50_000_000), "damaged or cut off"),
    "runs of four billion": (patched(film(), b"stts", 8, 0xFFFFFFFF), "damaged or cut off"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("call", [load_video, plan_video])
def test_one_sentence_each(call, name, tmp_path):
    data, sentence = WRONG[name]
    path = tmp_path / "holiday.mp4"
    path.write_bytes(data)
    for source in some([data, path, str(path)]):
        with pytest.raises(VideoError) as caught:
            call(source)
        assert sentence in str(caught.value)
        assert str(caught.value).endswith((".", "name).")) and len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:1,\n{path}\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "file '{path}'\n",
        "file:{path}",
        "<?xml version='1.0'?><MPD><BaseURL>{path}</BaseURL></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "[playlist]\nFile1={path}\n",
        "http://127.0.0.1/{path}",
        "concat:{path}|{path}",
    ],
    ids=lambda text: text[:12],
)
def test_what_a_file_names_is_never_opened(text, tmp_path, monkeypatch):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(film())
    planted = tmp_path / "planted.mp4"
    planted.write_text(text.replace("{path}", str(secret)))
    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("FFmpeg was given a playlist."))
    for source in some([planted, planted.read_bytes()]):
        with pytest.raises(VideoError, match="playlist|not a video that can be read"):
            load_video(source)


@pytest.mark.parametrize(
    "name", ["file:{}", "concat:{}", "subfile,,start,0,end,0,,:{}", "http://127.0.0.1:1/a.mp4", "-"]
)
def test_a_path_is_a_path_and_no_protocol(name, tmp_path):
    (tmp_path / "a.mp4").write_bytes(film())
    with pytest.raises(VideoError, match="There is no video file|cannot be read"):
        load_video(name.format(tmp_path / "a.mp4"))


def test_a_reference_to_another_file_is_not_followed(tmp_path):
    # A track of an MOV may lie in another file, which its data reference names.
    other = tmp_path / "other.mov"
    other.write_bytes(film("mov"))
    data = film("mov")
    at = data.index(b"dref") - 4
    alias = b"alis" + struct.pack(">I", 0) + bytes(6) + str(other).encode().ljust(140, b"\0")
    entry = struct.pack(">I", 4 + len(alias)) + alias
    box = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    size = struct.unpack(">I", data[at : at + 4])[0]
    with pytest.raises(VideoError):
        load_video(data[:at] + box + data[at + size :])


def test_a_stream_of_pictures_of_an_album_is_no_video():
    with pytest.raises(VideoError, match="sound alone"):
        load_video(_with_cover(sound_alone()))


def _with_cover(data: bytes) -> bytes:
    file = io.BytesIO()
    with av.open(io.BytesIO(data)) as given, av.open(file, "w", format="mp4") as out:
        sound = out.add_stream_from_template(given.streams.audio[0])
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        for packet in given.demux(given.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = sound
                out.mux(packet)
        for packet in [*cover.encode(av.VideoFrame.from_ndarray(grey(0), format="rgb24")), *cover.encode()]:
            out.mux(packet)
    return file.getvalue()


def test_a_video_given_as_a_picture_says_how_to_ask_about_it():
    for data in some([film(), film("webm", "libvpx-vp9"), film("avi", "mpeg4")]):
        with pytest.raises(ImageError, match="a video, not a picture that can be read. Ask about it as a video"):
            load_picture(data)


def test_a_video_that_breaks_off_says_where(tmp_path):
    whole = film("webm", "libvpx-vp9", frames=40)
    cut = whole[: len(whole) // 2]
    with pytest.raises(VideoError, match=r"breaks off after ([\d.]+) s of 4.0 s. Give end=\1") as caught:
        load_video(cut)
    end = float(str(caught.value).split("end=")[1].split()[0])
    video = load_video(cut, end=end)
    assert len(video) >= 4 and video.times[-1] <= end == caught.value.whole


@pytest.mark.parametrize("kind", [("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4")])
def test_a_header_that_promises_too_much_is_not_believed(kind, monkeypatch):
    # As of a file whose sound goes on when its pictures have ended.
    monkeypatch.setattr(film_module, "_duration", lambda *_: 4.0)
    video = load_video(film(*kind), count=4)
    assert video.duration == pytest.approx(2.0) and video.times.tolist() == [0, 0.5, 1, 1.5]


def test_a_video_of_one_frame_is_said_to_be():
    video = load_video(film(frames=1))
    assert len(video) == 1
    assert "A single frame was sampled: nothing moves in it." in video.notes


def test_an_odd_number_of_frames_is_kept_and_said():
    video = load_video(film(), count=3)
    assert len(video) == 3
    assert any("shown the last one twice" in note for note in video.notes)
    assert not load_video(film(), count=4).notes


def test_a_start_beyond_the_end():
    with pytest.raises(VideoError, match="ends after 2.00 s; a start at 2.5 s is beyond it"):
        load_video(film(), start=2.5)


def test_ffmpeg_says_nothing_anywhere(caplog, capfd):
    with caplog.at_level(logging.DEBUG), pytest.raises(VideoError):
        load_video(film()[:-300] + bytes(300))
    assert not caplog.records and capfd.readouterr() == ("", "")


def test_a_packet_that_fails_is_passed_over_and_said(monkeypatch):
    data = bytearray(film("mov", "png", pix_fmt="rgb24", options=()))
    at = [place for place in range(len(data)) if data[place : place + 4] == b"IHDR"][7]
    data[at : at + 40] = bytes(40)
    video = load_video(bytes(data), fps=10)
    assert any("parts of the video are damaged" in note for note in video.notes)
    monkeypatch.setattr(walk, "MOST_DAMAGED", 0)
    with pytest.raises(VideoError, match="damaged or cut off"):
        load_video(bytes(data), fps=10)


@pytest.mark.parametrize(
    "source", [None, 3, 0.5, {}, object(), np.zeros((4, 4, 3), np.uint8), Image.new("RGB", (4, 4))]
)
def test_what_is_no_source(source):
    with pytest.raises(VideoError, match="^A video is the path or the bytes"):
        load_video(source)


@pytest.mark.parametrize("source", ["/dev/zero", "/nowhere/a.mp4", "a\0b", "\udc80"])
def test_paths_that_cannot_be_read(source):
    with pytest.raises(VideoError):
        load_video(source)
