"""The sampled frames of a video, with their times and the digest that names them."""

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.errors import VideoError, shown
from core.inputs.pictures import Picture, digest_of
from core.inputs.videos.limits import DEFAULT_FPS, MAX_SECONDS
from core.schema import MAX_FRAMES
from core.schema.one_line import counted, lasting, one_line


@dataclass(frozen=True, eq=False)
class Video:
    """Frames of a video, ready to be shown to a model. `Video.of` makes one of an array.

    Attributes:
        frames: uint8 [frames, height, width, 3], RGB, upright, read-only.
        times: float64 [frames], seconds from the video's first frame; strictly ascending, in whole milliseconds (in
            microseconds where those are too coarse), read-only.
        duration: seconds that the whole video lasts, of which the frames may be a part only (see `ends`).
        digest: sha256 of frames and times, hex: equal for the same frames at the same times, however they came in.
        notes: what was done to the file, one sentence each.

    Raises:
        VideoError: frames, times and duration do not fit each other.
    """

    frames: np.ndarray
    times: np.ndarray
    duration: float
    digest: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_frames(self.frames)
        check_times(self.times, len(self.frames))
        check_duration(self.duration, self.times)
        if not isinstance(self.digest, str) or len(self.digest) != 64:
            raise VideoError("A video's digest has 64 hexadecimal digits. Video.of works it out.")

    @classmethod
    def of(
        cls, frames: np.ndarray, times: np.ndarray, duration: float | None = None, notes: tuple[str, ...] = ()
    ) -> "Video":
        """Frames in memory as a `Video`; the arrays are made read-only.

        Args:
            frames: uint8 [frames, height, width, 3], RGB.
            times: seconds, one a frame, strictly ascending from 0 or later.
            duration: of the whole video; None for until the last frame ends.

        Raises:
            VideoError: they do not fit each other.
        """
        check_frames(frames)
        check_times(times, len(frames))
        if not isinstance(notes, list | tuple):
            raise VideoError("The notes of a video are a list of sentences.")
        frames, times = np.ascontiguousarray(frames), in_whole_steps(times)
        frames.setflags(write=False)
        times.setflags(write=False)
        if duration is None:
            duration = float(ends_of(times)[-1])
        check_duration(duration, times)
        return cls(frames, times, float(duration), digest_of_video(frames, times), tuple(notes))

    def __repr__(self) -> str:
        width, height = self.size
        frames = f"{counted(len(self), 'frame')} of {width} x {height} pixels"
        return one_line(self, frames, f"of {lasting(self.duration)}", self.digest[:12])

    def __len__(self) -> int:
        """How many frames were sampled."""
        return len(self.frames)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame in pixels."""
        return self.frames.shape[2], self.frames.shape[1]

    @property
    def ends(self) -> np.ndarray:
        """float64 [frames], seconds: when the next frame follows; the last lasts as long as the one before it.

        It follows from `times` alone, as `digest` does, so that videos of one digest have the same steps.
        """
        return ends_of(self.times)

    def still(self, number: int) -> Picture:
        """One frame as a picture, named as the same pixels of a picture file would be.

        Args:
            number: of the frame, from 0.

        Raises:
            VideoError: there is no such frame.
        """
        if type(number) is not int or not 0 <= number < len(self.frames):
            raise VideoError(f"The video has the frames 0 to {len(self.frames) - 1}, not {shown(number)}.")
        return Picture(self.frames[number], digest_of(self.frames[number]))

    def to_pil(self) -> list[Image.Image]:
        """PIL copies of the frames."""
        return [Image.fromarray(frame) for frame in self.frames]


def digest_of_video(frames: np.ndarray, times: np.ndarray) -> str:
    """The name of frames at their times.

    Args:
        frames: uint8 [frames, height, width, 3].
        times: as `in_whole_steps` has them.
    """
    digest = hashlib.sha256(b"video-rgb8 %d %d %d " % frames.shape[:3])
    digest.update(np.rint(times * 1e6).astype("<i8").tobytes())
    digest.update(np.ascontiguousarray(frames).data)
    return digest.hexdigest()


def in_whole_steps(times: np.ndarray) -> np.ndarray:
    """Times as every container can hold them: in whole milliseconds, as Matroska does, if they stay apart."""
    given = np.asarray(times, np.float64)
    rounded = np.rint(given * 1e3) / 1e3
    return rounded if (np.diff(rounded) > 0).all() else np.rint(given * 1e6) / 1e6


def ends_of(times: np.ndarray) -> np.ndarray:
    """When each frame ends, float64 [frames]; a single one lasts as long as one of two a second."""
    last = times[-1] - times[-2] if len(times) > 1 else 1 / DEFAULT_FPS
    return np.append(times[1:], times[-1] + last)


def check_frames(frames: np.ndarray) -> None:
    """
    Raises:
        VideoError: they are no RGB frames of one size, or too many.
    """
    if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3:
        raise VideoError("The frames of a video are a uint8 array [frames, height, width, 3] of RGB pixels.")
    if not frames.size:
        raise VideoError("The video has no frames. Give at least one.")
    if len(frames) > MAX_FRAMES:
        raise VideoError(f"A video can have at most {MAX_FRAMES} sampled frames, not {len(frames)}.")


def check_times(times: np.ndarray, count: int) -> None:
    """
    Raises:
        VideoError: they are not `count` ascending numbers of seconds.
    """
    try:
        given = np.asarray(times, np.float64) if len(times) == count else None
    except (TypeError, ValueError, OverflowError):
        given = None
    if given is None or given.shape != (count,):
        raise VideoError(f"A video of {count} frames needs as many times, in seconds.")
    if not np.isfinite(given).all() or given.min() < 0 or given.max() > MAX_SECONDS:
        raise VideoError(f"The times of frames are seconds from 0 to {MAX_SECONDS}.")
    if (np.diff(np.rint(given * 1e6)) <= 0).any():
        raise VideoError("The times of frames must ascend: each is later than the one before it.")


def check_duration(duration: float, times: np.ndarray) -> None:
    """
    Raises:
        VideoError: it is no number of seconds, or over before the last frame.
    """
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    if not is_number or not times[-1] <= duration <= 2 * MAX_SECONDS:
        raise VideoError(f"A video's duration is a number of seconds, not before its last frame: {shown(duration)}.")
