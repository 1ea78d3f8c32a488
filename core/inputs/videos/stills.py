"""A list or a folder of frames -> pictures at a rate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import ImageError, VideoError
from core.inputs.formats import ENDINGS
from core.inputs.pictures import Picture, load_picture
from core.inputs.videos.film import check_frame
from core.inputs.videos.limits import DEFAULT_FPS, MAX_SECONDS
from core.inputs.videos.pixels import notes_of_size, smaller
from core.inputs.videos.sampling import Sampling, moments, notes_of_number
from core.inputs.videos.video import Video
from core.schema import MAX_FRAMES


@dataclass(frozen=True, eq=False)
class Stills:
    """Frames that are given one by one, at so many a second.

    Attributes:
        sources: what each is read from.
        chosen: which of them, from 0, ascending.
        rate: frames a second.
    """

    sources: Sequence[Any]
    chosen: tuple[int, ...]
    rate: float
    notes: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds that all of them last."""
        return len(self.sources) / self.rate

    @property
    def times(self) -> np.ndarray:
        """float64 [chosen], seconds."""
        return np.array(self.chosen, np.float64) / self.rate


def stills_of(sources: Sequence[Any], sampling: Sampling) -> Stills:
    """Which of them are sampled; nothing is read yet.

    Args:
        sampling: its `fps` is their rate; all of them are taken, or `count` of them, within start and end.

    Raises:
        VideoError: there are none, or too many.
    """
    if not len(sources):
        raise VideoError("No frame was given. Give the frames of a video in their order.")
    rate = DEFAULT_FPS if sampling.fps is None else float(sampling.fps)
    notes = []
    if sampling.fps is None:
        notes.append(f"Nobody said how many frames make a second; they were taken for {DEFAULT_FPS:g} a second.")
    duration = len(sources) / rate
    if duration > MAX_SECONDS:
        raise VideoError(
            f"These frames would last {duration:.0f} s; at most {MAX_SECONDS} s can be. Give a higher fps."
        )
    start, end = sampling.span_of(duration)
    within = [at for at in range(len(sources)) if start - 1e-6 <= at / rate < end - 1e-6]
    if not within:
        raise VideoError(f"No frame lies between {start:g} s and {end:g} s. Give a wider span.")
    if sampling.count is not None and sampling.count < len(within):
        # The beginning of as many equal parts, as of a video file.
        within = [within[int(at + 1e-9)] for at in moments(0, len(within), int(sampling.count))]
    if len(within) > MAX_FRAMES:
        raise VideoError(f"There are {len(within):,} frames; at most {MAX_FRAMES} can be used. Give a count.")
    return Stills(sources, tuple(within), rate, (*notes, *notes_of_number(len(within))))


def video_of(stills: Stills) -> Video:
    """
    Raises:
        VideoError: a frame cannot be read, or their sizes differ.
    """
    frames, size, notes = None, (0, 0), list(stills.notes)
    for at, number in enumerate(stills.chosen):
        picture = _picture(stills.sources[number], number)
        if frames is None:
            size = picture.size
            check_frame(*size)
            width, height = smaller(size, len(stills.chosen))
            frames = np.empty((len(stills.chosen), height, width, 3), np.uint8)
            notes += notes_of_size((width, height), size)
        if picture.size != size:
            raise VideoError(
                f"Frame {number + 1} has {picture.size[0]} x {picture.size[1]} pixels, those before it "
                f"{size[0]} x {size[1]}. Give frames of one size."
            )
        pixels = picture.pixels
        if frames.shape[1:3] != pixels.shape[:2]:
            pixels = np.asarray(picture.to_pil().resize(frames.shape[2:0:-1], Image.Resampling.BOX))
        frames[at] = pixels
        notes += [note for note in picture.notes if note not in notes]
    return Video.of(frames, stills.times, stills.duration, tuple(notes))


def size_of_first(stills: Stills) -> tuple[int, int]:
    """(width, height) of the first frame that is chosen.

    Raises:
        VideoError: it cannot be read, or is too large.
    """
    size = _picture(stills.sources[stills.chosen[0]], stills.chosen[0]).size
    check_frame(*size)
    return size


def frames_in(folder: Path) -> list[Path]:
    """The picture files of a folder, by name, 2 before 10.

    Raises:
        VideoError: there are none, or the folder cannot be read.
    """
    try:
        names = [each for each in folder.iterdir() if each.suffix[1:].lower() in ENDINGS and each.name[:1] != "."]
    except OSError as error:
        raise VideoError(f"The folder {folder.name[:100]!r} cannot be read: {error.strerror}.") from None
    if not names:
        raise VideoError(f"The folder {folder.name[:100]!r} holds no pictures. Give one with a video's frames.")
    return sorted(names, key=lambda each: [(int(part or 0), text) for text, part in _parts(each.name)])


def _parts(name: str) -> list[tuple[str, str]]:
    return re.findall(r"(\D*)([0-9]*)", name)


def _picture(source: Any, number: int) -> Picture:
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3 or not source.size:
            raise VideoError(f"Frame {number + 1} is no uint8 array [height, width, 3] of RGB pixels.")
        return Picture(source, "")
    try:
        return load_picture(source)
    except ImageError as error:
        raise VideoError(f"Frame {number + 1} cannot be used. {error}") from None
