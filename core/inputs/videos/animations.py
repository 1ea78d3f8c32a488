"""An animated GIF or WebP -> its frames, whole, with the times that the file gives them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.errors import VideoError
from core.inputs.containers import gif, webp
from core.inputs.containers.first_frame import Broken
from core.inputs.decoding_gate import VIDEO_GATE
from core.inputs.videos.film import DAMAGED, check_frame, in_one_sentence
from core.inputs.videos.kinds import still_picture
from core.inputs.videos.limits import MAX_ANIMATION, MAX_SECONDS
from core.inputs.videos.pixels import notes_of_size, on_white, smaller
from core.inputs.videos.sampling import Sampling, moments, notes_of_number
from core.inputs.videos.video import Video

_UNSAID = 100
"""Milliseconds that a frame is shown if the file says 10 or less, as browsers have it."""
_READERS = {"GIF": gif, "WEBP": webp}


@dataclass(frozen=True, eq=False)
class Animation:
    """An animation of which no frame is decoded yet.

    Attributes:
        kind: "GIF" or "WEBP".
        size: (width, height) of its canvas.
        begins: float64 [frames], seconds at which each frame appears.
        duration: seconds of one turn.
    """

    data: bytes
    kind: str
    size: tuple[int, int]
    begins: np.ndarray
    duration: float


def animation_of(data: bytes, kind: str) -> Animation:
    """
    Raises:
        VideoError: it is a still picture, damaged or too large.
    """
    reader = _READERS[kind]
    try:
        first = reader.first_frame(data)
        delays = reader.frame_delays(data)
    except Broken:
        raise VideoError(DAMAGED) from None
    if len(delays) < 2:
        raise still_picture(kind)
    if first.size is None:
        raise VideoError(DAMAGED)
    check_frame(*first.size)
    ends = np.cumsum([_UNSAID if delay <= 10 else delay for delay in delays]) / 1000
    if ends[-1] > MAX_SECONDS:
        raise VideoError(f"This animation would last {ends[-1]:.0f} s; at most {MAX_SECONDS} s can be.")
    return Animation(data, kind, first.size, np.append(0.0, ends[:-1]), float(ends[-1]))


def chosen(animation: Animation, sampling: Sampling) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the frames that are sampled, int64, and their times in seconds, float64; both ascending.

    Raises:
        VideoError: what is asked for lies beyond its end, or takes too long to decode.
    """
    start, end = sampling.span_of(animation.duration)
    begins = animation.begins
    within = np.flatnonzero((begins >= start - 1e-6) & (begins < end - 1e-6))
    number = sampling.how_many(end - start, max(1, len(within)))
    if number >= len(within) > 0:
        numbers, times = within, begins[within]
    else:
        at = moments(start, end, number)
        numbers = np.searchsorted(begins, at + 1e-3, side="right") - 1
        # A frame that is still shown at the next moment is a frame of that moment.
        times = np.where(np.diff(numbers, prepend=-1) > 0, begins[numbers], at)
    if animation.size[0] * animation.size[1] * int(numbers[-1] + 1) > MAX_ANIMATION:
        raise VideoError(
            "This animation takes too long to be read up to there. Save it as MP4, or give an earlier end."
        )
    return numbers, times


def video_of(animation: Animation, sampling: Sampling) -> Video:
    """
    Raises:
        VideoError: see `chosen`; or it is damaged.
    """
    numbers, times = chosen(animation, sampling)
    size = smaller(animation.size, len(numbers))
    frames, at, has_alpha = np.empty((len(numbers), size[1], size[0], 3), np.uint8), 0, False
    with VIDEO_GATE.room_for(frames.size // 3), in_one_sentence():
        for number, image in enumerate(_images(animation, int(numbers[-1]) + 1)):
            if at < len(numbers) and numbers[at] == number:
                rgba = np.asarray(image)
                has_alpha = has_alpha or bool(rgba[..., 3].min() < 255)
                pixels = on_white(rgba)
                if size != animation.size:
                    pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
                while at < len(numbers) and numbers[at] == number:
                    frames[at] = pixels
                    at += 1
    return Video.of(frames, times, animation.duration, notes_of(animation, len(numbers), has_alpha))


def notes_of(animation: Animation, count: int, has_alpha: bool = False) -> tuple[str, ...]:
    """What was done to it, one sentence each."""
    ground = ("Transparent parts were laid on white.",) if has_alpha else ()
    size = smaller(animation.size, count)
    return notes_of_number(count) + ground + notes_of_size(size, animation.size)


def _images(animation: Animation, most: int) -> Iterator[Image.Image]:
    """RGBA, frame by frame."""
    with Image.open(io.BytesIO(animation.data), formats=[animation.kind]) as image:
        if image.size != animation.size:
            raise VideoError(DAMAGED)
        for number in range(most):
            image.seek(number)
            yield image.convert("RGBA")
