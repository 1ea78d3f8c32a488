"""A video file, or frames -> the sampled frames as a `Video`."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import VideoError
from core.inputs.decoding_gate import VIDEO_GATE
from core.inputs.limits import MAX_BYTES
from core.inputs.videos import animations
from core.inputs.videos.animations import Animation, animation_of
from core.inputs.videos.clips import is_clip_source, video_in
from core.inputs.videos.film import DAMAGED, Film, binary, in_one_sentence, opened
from core.inputs.videos.kinds import HEAD, kind_of
from core.inputs.videos.pixels import Look, look_of, notes_of_size
from core.inputs.videos.sampling import Sampling
from core.inputs.videos.schedule import Schedule, schedule_of
from core.inputs.videos.stills import frames_in, stills_of, video_of
from core.inputs.videos.video import Video
from core.inputs.videos.walk import Walk

File = Film | Animation
"""An opened file, of which nothing is decoded yet."""
VideoSource = Any
"""Bytes of a file, its path, a folder of pictures, a list of frames, or an array [frames, height, width, 3]."""


def load_video(
    source: VideoSource,
    *,
    fps: float | None = None,
    count: int | None = None,
    start: float | None = None,
    end: float | None = None,
) -> Video:
    """Samples the frames of a video. By default two a second, at least 4 and at most 64, evenly over its length.

    Args:
        source: a video file as a path or as bytes (MP4, MOV, WebM, MKV, AVI, animated GIF or WebP); the path of a
            folder of pictures; a list of frames, each a path, bytes, a PIL image, a `Picture` or a uint8 array [height,
            width, 3]; a uint8 array [frames, height, width, 3]. A `Video` stays as it is, and so do its stored
            frames (`core.inputs.videos.clips`).
        fps: frames sampled a second; of frames that are given one by one, how many of them make a second (2 where
            nothing is said), and all of them are used.
        count: how many frames are sampled, instead of fps; fewer where the video has fewer.
        start, end: seconds from the first frame; what lies before and after is left out.

    Raises:
        VideoError: it cannot be read, is too large, or is no video; what is asked cannot be.
    """
    sampling = Sampling(fps, count, start, end)
    if isinstance(source, Video):
        if not sampling.is_default:
            raise VideoError("A Video is sampled already. Leave out fps, count, start and end.")
        return source
    given = given_as(source)
    if isinstance(given, bytes | Path):
        if is_clip_source(given):
            return _sampled_already(given, sampling)
        with opened_file(given) as file:
            return sample(file, sampling)[0] if isinstance(file, Film) else animations.video_of(file, sampling)
    return video_of(stills_of(given, sampling))


def _sampled_already(clip: bytes | Path, sampling: Sampling) -> Video:
    if not sampling.is_default:
        raise VideoError("These frames are sampled already. Leave out fps, count, start and end.")
    return video_in(clip)


def given_as(source: VideoSource) -> bytes | Path | list[Any] | np.ndarray:
    """A file's bytes or path, or frames one by one.

    Raises:
        VideoError: it is nothing of this.
    """
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    if isinstance(source, str):
        source = Path(source)
    if isinstance(source, Path):
        return frames_in(source) if _is_folder(source) else source
    if isinstance(source, bytes | list):
        return source
    if isinstance(source, tuple):
        return list(source)
    if isinstance(source, np.ndarray) and source.ndim == 4:
        return source
    raise VideoError(
        "A video is the path or the bytes of a file, a folder of pictures, a list of frames or an array [frames, "
        f"height, width, 3], not {type(source).__name__}."
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


@contextmanager
def opened_file(source: bytes | Path) -> Iterator[File]:
    """A video file, judged by its content; no frame is decoded yet.

    Raises:
        VideoError: it cannot be read, or is no video.
    """
    with binary(source) as file:
        with in_one_sentence():
            head = file.read(HEAD)
        kind = kind_of(head)
        if kind in ("GIF", "WEBP"):
            with in_one_sentence():
                data = head + file.read(MAX_BYTES)
            if len(data) > MAX_BYTES:
                raise VideoError(
                    f"An animation can have at most {MAX_BYTES // 2**20} MB. Save it as MP4, and use that."
                )
            yield animation_of(data, kind)
            return
        with opened(file, kind) as film:
            yield film


def sample(film: Film, sampling: Sampling) -> tuple[Video, Walk]:
    """The frames that are asked for, and the way that led to them.

    Raises:
        VideoError: the film breaks off before the last of them, or nothing of it can be decoded.
    """
    try:
        return _sampled(film, schedule_of(film, sampling))
    except _Ended as early:
        if not film.is_cut:
            # The sound may go on, or the header be wrong: what there is in pictures counts.
            schedule = schedule_of(film, sampling, by_packets=True)
            if schedule.duration < early.duration - 1e-3:
                with suppress(_Ended):
                    return _sampled(film, schedule)
        if early.after <= 0.1 + (sampling.start or 0.0):
            raise VideoError(DAMAGED) from None
        whole = math.floor(early.after * 10) / 10
        error = VideoError(
            f"This video breaks off after {whole:g} s of {early.duration:.1f} s. Give end={whole:g} to use what is "
            "there, or save or send it again."
        )
        error.whole = whole
        raise error from None


class _Ended(Exception):
    """There are no pictures any more, `after` seconds of `duration`."""

    def __init__(self, after: float, duration: float) -> None:
        super().__init__()
        self.after, self.duration = after, duration


def _sampled(film: Film, schedule: Schedule) -> tuple[Video, Walk]:
    moments = schedule.moments
    walk, look, frames, times = Walk(film), None, None, []
    with VIDEO_GATE.room_for(film.size[0] * film.size[1] * len(moments)):
        for moment, (time, frame) in zip(moments, walk.frames(moments), strict=False):
            if look is None:
                look = look_of(frame, film.stream.sample_aspect_ratio)
                width, height = look.read_at(len(moments))
                frames = np.empty((len(moments), height, width, 3), np.uint8)
            # What is still shown at a later moment is a frame of that moment.
            is_new = not times or time > times[-1] + 5e-4
            times.append(max(0.0, time) if is_new else max(moment, times[-1] + 1e-3))
            frames[len(times) - 1] = look.rgb(frame, (width, height))
        if len(times) < len(moments):
            raise _Ended(walk.last, schedule.duration)
        duration = max(schedule.duration, math.ceil(times[-1] * 1000) / 1000)  # times are rounded to milliseconds
        return Video.of(frames, np.array(times), duration, notes_of(film, schedule, look, walk)), walk


def notes_of(film: Film, schedule: Schedule, look: Look, walk: Walk | None = None) -> tuple[str, ...]:
    """What was done to a file, one sentence each."""
    size = look.read_at(len(schedule.moments))
    notes = [*film.notes, *schedule.notes, *look.notes, *notes_of_size(size, look.full)]
    if walk is not None and walk.damaged:
        notes.append(f"{walk.damaged} parts of the video are damaged and were passed over.")
    return tuple(notes)
