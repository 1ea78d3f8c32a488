"""How many frames of a video are sampled, and when: by frames a second or by count, from a start to an end."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import VideoError, shown
from core.inputs.videos.limits import DEFAULT_FPS, FRAMES_UNASKED, MAX_FPS, MAX_SECONDS, MIN_FRAMES
from core.schema import MAX_FRAMES


@dataclass(frozen=True)
class Sampling:
    """What is asked of a video.

    Attributes:
        fps: frames sampled a second; of frames that are given one by one, how many there are a second. None where
            nobody said.
        count: frames, evenly over the span; None where nobody said.
        start, end: of the span, in seconds from the first frame; None for its beginning, or its end.

    Raises:
        VideoError: a value cannot be used, or the span ends before it begins.
    """

    fps: float | None = None
    count: int | None = None
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        if self.fps is not None and not (_is_number(self.fps) and 0 < self.fps <= MAX_FPS):
            raise VideoError(
                f"fps is how many frames a second are sampled, above 0 and up to {MAX_FPS:g}, not {shown(self.fps)}."
            )
        if self.count is not None and not (
            isinstance(self.count, int | np.integer)
            and not isinstance(self.count, bool)
            and 1 <= self.count <= MAX_FRAMES
        ):
            raise VideoError(f"count is how many frames are sampled, 1 to {MAX_FRAMES}, not {shown(self.count)}.")
        for value in (self.start, self.end):
            if value is not None and not (_is_number(value) and 0 <= value <= MAX_SECONDS):
                raise VideoError(f"start and end are seconds of the video, 0 to {MAX_SECONDS}, not {shown(value)}.")
        start = self.start or 0
        if self.end is not None and start >= self.end:
            raise VideoError(f"start ({start:g} s) must be before end ({self.end:g} s).")

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked."""
        return self == Sampling()

    def span_of(self, duration: float) -> tuple[float, float]:
        """(start, end) in seconds within a video of that duration.

        Raises:
            VideoError: it begins after the video's end.
        """
        start = float(self.start or 0.0)
        if start and start >= duration:
            raise VideoError(f"The video ends after {duration:.2f} s; a start at {start:g} s is beyond it.")
        return start, duration if self.end is None else min(float(self.end), duration)

    def how_many(self, seconds: float, available: int) -> int:
        """Frames to sample of a span.

        Args:
            seconds: that the span lasts.
            available: frames that it has; as many are sampled at most.

        Raises:
            VideoError: more than can be sampled are asked for, or both fps and count.
        """
        if self.fps is not None and self.count is not None:
            raise VideoError("Give fps or count, not both: either says how many frames are sampled.")
        if self.count is not None:
            return min(int(self.count), available)
        fps = DEFAULT_FPS if self.fps is None else float(self.fps)
        wanted = max(math.floor(seconds * fps + 1e-6), MIN_FRAMES)
        if self.fps is None:
            wanted = min(wanted, FRAMES_UNASKED)
        if min(wanted, available) > MAX_FRAMES:
            raise VideoError(
                f"At {fps:g} frames a second, {min(wanted, available):,} frames would be sampled of {seconds:.0f} s; "
                f"at most {MAX_FRAMES} can be. Give fewer frames a second, a count, or start and end."
            )
        return available if wanted >= available else wanted - wanted % 2


def moments(start: float, end: float, number: int) -> np.ndarray:
    """Times at which frames are sampled, float64 [number]: the beginnings of that many equal parts of the span."""
    return start + (end - start) * np.arange(number) / number


def notes_of_number(frames: int) -> tuple[str, ...]:
    """What is said of how many frames were sampled."""
    if frames == 1:
        return ("A single frame was sampled: nothing moves in it.",)
    if frames % 2:
        return ("The number of frames is odd; models that see frames in pairs are shown the last one twice.",)
    return ()


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and -1e18 < value < 1e18  # neither does NaN lie between them
