"""A video file, or frames -> the sampled frames as a `Video`."""

from pathlib import Path
from typing import Any

import numpy as np

from core.errors import VideoError
from core.inputs.decoding_gate import GATE
from core.inputs.videos.film import DAMAGED, Film, binary, in_one_sentence, opened
from core.inputs.videos.kinds import HEAD, kind_of
from core.inputs.videos.pixels import Look, look_of
from core.inputs.videos.sampling import Sampling
from core.inputs.videos.schedule import Schedule, schedule_of
from core.inputs.videos.stills import frames_in, stills_of, video_of
from core.inputs.videos.video import Video
from core.inputs.videos.walk import Walk

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
        source: a video file as a path or as bytes (MP4, MOV, WebM, MKV, AVI, animated GIF or WebP); the path of a folder
            of pictures; a list of frames, each a path, bytes, a PIL image, a `Picture` or a uint8 array [height, width,
            3]; a uint8 array [frames, height, width, 3]. A `Video` stays as it is.
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
        return _from_file(given, sampling)
    return video_of(stills_of(given, sampling))


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
        "A video is the path or the bytes of a file, a folder of pictures, a list of frames or an array [frames, height, "
        f"width, 3], not {type(source).__name__}."
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _from_file(source: bytes | Path, sampling: Sampling) -> Video:
    with binary(source) as file:
        with in_one_sentence():
            head = file.read(HEAD)
        kind = kind_of(head)
        with opened(file, kind) as film:
            return sample(film, sampling)[0]


def sample(film: Film, sampling: Sampling) -> tuple[Video, Walk]:
    """The frames that are asked for, and the way that led to them."""
    schedule = schedule_of(film, sampling)
    walk, look, frames, times, notes = Walk(film), None, None, [], []
    with GATE.room_for(min(film.size[0] * film.size[1] * len(schedule.moments), 10**9)):
        for moment, (time, frame) in zip(schedule.moments, walk.frames(schedule.moments), strict=False):
            if look is None:
                look = look_of(frame, film.stream.sample_aspect_ratio)
                width, height = look.read_at(len(schedule.moments))
                frames = np.empty((len(schedule.moments), height, width, 3), np.uint8)
            # What is still shown at a later moment is a frame of that moment.
            is_new = not times or time > times[-1] + 5e-4
            times.append(max(0.0, time) if is_new else max(moment, times[-1] + 1e-3))
            frames[len(times) - 1] = look.rgb(frame, (width, height))
        if look is None:
            raise VideoError(DAMAGED)
        if len(times) < len(schedule.moments):
            raise VideoError(
                f"This video breaks off after {times[-1]:.1f} s of {schedule.duration:.1f} s. Give end={times[-1]:.1f} "
                "to use what is there, or save or send it again."
            )
        return Video.of(
            frames, np.array(times), max(schedule.duration, times[-1]), notes_of(film, schedule, look, walk)
        ), walk


def notes_of(film: Film, schedule: Schedule, look: Look, walk: Walk | None = None) -> tuple[str, ...]:
    """What was done to a file, one sentence each."""
    notes = [*film.notes, *schedule.notes, *look.notes]
    size = look.read_at(len(schedule.moments))
    if size != look.full:
        notes.append(f"Each frame was read at {size[0]} x {size[1]} pixels instead of {look.full[0]} x {look.full[1]}.")
    if walk is not None and walk.damaged:
        notes.append(f"{walk.damaged} parts of the video are damaged and were passed over.")
    return tuple(notes)
