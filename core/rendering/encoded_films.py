"""Pictures one after the other -> the bytes of a film that players show: MP4 (H.264) or WebM (VP9)."""

import io
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np

FilmKind = Literal["mp4", "webm"]
SLOWEST, FASTEST = 5, 30
"""Frames a second of a film: some players show nothing between frames that last longer, and nobody sees more."""
_CODECS: dict[FilmKind, tuple[str, dict[str, str]]] = {
    "mp4": ("libx264", {"crf": "18", "preset": "veryfast"}),
    "webm": ("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6"}),
}


def encode_film(pictures: Iterable[np.ndarray], seconds: Sequence[float], kind: FilmKind) -> bytes:
    """A film at an even rate, in which each picture lasts as long as it should, to within a frame.

    Args:
        pictures: uint8 RGB [height, width, 3], all of one size; one is held at a time.
        seconds: how long each of them lasts.
    """
    import av  # brings FFmpeg, which nothing else here needs

    rate = rate_of(seconds)
    codec, options = _CODECS[kind]
    ends = np.maximum(1, np.rint(np.cumsum(seconds) * rate)).astype(int)
    data, number = io.BytesIO(), 0
    with av.open(data, "w", format=kind) as file:
        stream = file.add_stream(codec, rate=rate, options=options)
        stream.pix_fmt, stream.time_base, stream.thread_count = "yuv420p", Fraction(1, rate), 1
        for picture, end in zip(pictures, ends, strict=True):
            even = _even(picture)
            if number == 0:
                stream.height, stream.width = even.shape[:2]
            while number < end:
                frame = av.VideoFrame.from_ndarray(even, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, rate)
                file.mux(stream.encode(frame))
                number += 1
        file.mux(stream.encode())
    return data.getvalue()


def rate_of(seconds: Sequence[float]) -> int:
    """Frames a second at which the shortest of them gets a frame of its own, as far as films go so fast."""
    shortest = min((each for each in seconds if each > 0), default=1.0)
    return min(FASTEST, max(SLOWEST, math.ceil(1 / shortest - 1e-9)))


def _even(picture: np.ndarray) -> np.ndarray:
    """With its last row and column twice where their number is odd, which these codecs do not take."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))
