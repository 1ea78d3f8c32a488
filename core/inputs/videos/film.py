"""A video file -> its opened video stream and what its header says. The only place that opens anything with FFmpeg.

FFmpeg can follow what a file names: playlists, other files, addresses of the network. Here it is given one kind of
container, found by our own look at the file, an object to read bytes from, and the right to open nothing else.
"""

import contextlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.video.stream import VideoStream

from core.errors import ExplainError, VideoError
from core.inputs.videos.limits import MAX_FRAME_PIXELS, MAX_SECONDS
from core.inputs.videos.sample_tables import is_made_up
from core.inputs.videos.wholeness import is_cut

DECODERS = (
    *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "msmpeg4", "msmpeg4v2"),
    *("h263", "mpeg1video", "mpeg2video", "mjpeg", "prores", "dnxhd", "ffv1", "huffyuv", "ffvhuff", "utvideo"),
    *("png", "qtrle", "rawvideo", "theora", "wmv1", "wmv2", "wmv3", "vc1"),
)
"""Decoders that a stranger's file may reach: those of cameras, phones, browsers and editors; FFmpeg has hundreds."""
MAX_STREAMS = 64
_OPTIONS = {
    # Nothing else may be opened, whatever the file names.
    "protocol_whitelist": "none",
    "codec_whitelist": ",".join(DECODERS),
    "max_streams": str(MAX_STREAMS),
    # What decoders may make room for while the header is looked at: as large as is told apart from damage.
    "max_pixels": str(2**26),
}
_LEAST_BYTES = 8
"""That a frame takes at least, on average: an index of more is made up, and FFmpeg would search it for minutes."""
DAMAGED = "This video is damaged or cut off. Save or send it again."


@dataclass(frozen=True, eq=False)
class Film:
    """An opened video file.

    Attributes:
        container, stream: as PyAV has them; valid inside of `opened` alone.
        size: (width, height) as coded: not upright yet.
        start: of the first frame on the file's own clock, in seconds.
        duration: seconds from the first frame to the end of the last as the header says; None where it does not.
        rate: frames a second on average; None where the header does not say.
        frames: how many there are, or will be about; None where the header does not say.
        is_cut: bytes are missing at the file's end.
    """

    container: Any
    stream: VideoStream
    size: tuple[int, int]
    start: float
    duration: float | None
    rate: float | None
    frames: int | None
    is_cut: bool = False
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> Fraction:
        """Seconds of one tick of the stream's clock."""
        return self.stream.time_base

    def seek(self, seconds: float) -> None:
        """To the last key frame before a time, in seconds from the first frame; stays where nothing can be searched."""
        ticks = round((max(0.0, seconds) + self.start) / float(self.unit))
        with contextlib.suppress(av.error.FFmpegError):
            self.container.seek(ticks, stream=self.stream)


class OnlyBytes:
    """A file as FFmpeg may see it: bytes, without a name to begin anything from."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


@contextmanager
def binary(source: bytes | Path) -> Iterator[BinaryIO]:
    """The file, open to be read; its bytes stay where they are.

    Raises:
        VideoError: there is no such file, or it cannot be read.
    """
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        if not os.path.isfile(source):  # a pipe or a device would be waited for
            raise VideoError(f"There is no video file {source.name[:100]!r}.")
        file = open(source, "rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there cannot be such a file"
        raise VideoError(f"The video {source.name[:100]!r} cannot be read: {why}.") from None
    with file:
        yield file


@contextmanager
def opened(file: BinaryIO, kind: str) -> Iterator[Film]:
    """A video file's stream of pictures; nothing is decoded yet.

    Args:
        kind: of container, as `kinds.kind_of` tells it.

    Raises:
        VideoError: it is damaged, holds no pictures, or such that are not decoded here.
    """
    with in_one_sentence():
        length, cut = file.seek(0, os.SEEK_END), is_cut(file, kind)
        if kind == "mov" and is_made_up(file):
            raise VideoError(DAMAGED)
        file.seek(0)
        with av.open(
            OnlyBytes(file), format=kind, options=_OPTIONS, io_open=_refuse, metadata_errors="replace"
        ) as container:
            film = _film(container, cut)
            if len(film.stream.index_entries) * _LEAST_BYTES > max(length, 2**16):
                raise VideoError(DAMAGED)
            yield film


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Whatever is raised inside comes out as an error for people."""
    try:
        yield
    except ExplainError:
        raise
    except MemoryError:
        raise VideoError("There is not enough memory to read this video. Make it smaller first.") from None
    except Exception:  # FFmpeg and PyAV raise whatever comes to them
        raise VideoError(DAMAGED) from None


def _refuse(*_: Any) -> Any:
    raise PermissionError


def _film(container: Any, cut: bool) -> Film:
    stream, notes = _stream(container)
    width, height = stream.codec_context.width, stream.codec_context.height
    check_frame(width, height)
    start = _start(container, stream)
    duration = _duration(container, stream, start)
    rate = stream.average_rate or stream.guessed_rate
    rate = float(rate) if rate and 0 < rate <= 100_000 else None
    frames = stream.frames if stream.frames > 0 else None
    if frames is None and duration and rate:
        frames = max(1, round(duration * rate))
    return Film(container, stream, (width, height), start, duration, rate, frames, cut, tuple(notes))


def _start(container: Any, stream: VideoStream) -> float:
    """Of the first frame, in seconds on the file's clock."""
    ticks = stream.start_time
    if ticks is None or container.format.name == "avi":
        # AVI says when frames are decoded; with frames that wait for others, the first is shown later than at 0.
        first = next(container.demux(stream), None)
        ticks = first.pts if first is not None and first.pts is not None else ticks
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(0, stream=stream)
    return float((ticks or 0) * stream.time_base)


def check_frame(width: int, height: int) -> None:
    """Before a frame is decoded.

    Raises:
        VideoError: it has no pixels, or too many.
    """
    if width <= 0 or height <= 0:
        raise VideoError(DAMAGED)
    if width * height > MAX_FRAME_PIXELS:
        raise VideoError(
            f"The video has {width} x {height} pixels; at most 4K (4096 x 2304) can be read. Make it smaller first."
        )
    if max(width, height) > 200 * min(width, height):
        raise VideoError(f"The video is {width} x {height} pixels, which is too thin for a model. Crop it.")


def _stream(container: Any) -> tuple[VideoStream, list[str]]:
    # Pictures of albums are streams of one frame, too.
    streams = [each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        if container.streams.audio or container.streams.video:
            raise VideoError("This file holds sound alone, no pictures. Give a video.")
        raise VideoError("There are no pictures in this file. Give a video.")
    default = av.stream.Disposition.default
    stream = next((each for each in streams if each.disposition & default), streams[0])
    context = stream.codec_context
    if context is None or context.name not in DECODERS:
        name = "" if context is None else f" ({context.name})"
        raise VideoError(f"This video is coded in a way{name} that is not decoded here. Save it as MP4 (H.264).")
    if context.codec_tag in ("encv", "drmi"):
        raise VideoError("This video is protected against copying and cannot be decoded. Give one without protection.")
    context.thread_count = 1
    context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}  # a later frame may be larger than the header says
    notes = []
    if len(streams) > 1:
        notes.append(f"The file holds {len(streams)} videos; the one that players show is used.")
    for each in container.streams:
        if each is not stream:
            with contextlib.suppress(Exception):
                each.discard = av.stream.Discard.all
    return stream, notes


def _duration(container: Any, stream: VideoStream, start: float) -> float | None:
    found = None
    if stream.duration is not None and stream.duration > 0:
        found = float(stream.duration * stream.time_base)
    elif (told := _seconds(stream.metadata.get("DURATION", ""))) is not None:
        found = told - max(0.0, start)
    elif container.duration is not None and container.duration > 0:
        began = (container.start_time or 0) / 1e6
        found = container.duration / 1e6 - max(0.0, start - began)
    return found if found is not None and 0 < found <= MAX_SECONDS else None


def _seconds(text: str) -> float | None:
    """Of hours:minutes:seconds, as Matroska tags have it."""
    parts = text.split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds
