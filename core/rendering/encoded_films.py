"""Pictures one after the other -> the bytes of a film that players show: MP4 (H.264), WebM (VP9) or animated WebP.

The same pictures give the same bytes: one thread, and nothing random or of the time in the file.
"""

import io
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
from PIL import Image

FilmKind = Literal["mp4", "webm"]
_SHORTEST = 40
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
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    rate = rate_of(seconds)
    codec, options = _CODECS[kind]
    ends = np.maximum(1, np.rint(np.cumsum(seconds) * rate)).astype(int)
    data, number = io.BytesIO(), 0
    # Else a WebM gets a random name of its own.
    with av.open(data, "w", format=kind, options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=rate, options=options)
        stream.pix_fmt, stream.time_base, stream.thread_count = "yuv420p", Fraction(1, rate), 1
        # Said in the file: players guess by its size otherwise, and show other colours.
        coder = stream.codec_context
        coder.colorspace, coder.color_range = Colorspace.ITU709, ColorRange.MPEG
        coder.color_primaries, coder.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        said = {"dst_colorspace": Colorspace.ITU709, "dst_color_range": ColorRange.MPEG}
        for picture, end in zip(pictures, ends, strict=True):
            even = _even(picture)
            if number == 0:
                stream.height, stream.width = even.shape[:2]
            while number < end:
                frame = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(format="yuv420p", **said)
                frame.pts, frame.time_base = number, Fraction(1, rate)
                file.mux(stream.encode(frame))
                number += 1
        file.mux(stream.encode())
    return data.getvalue()


def animated_webp(pictures: Iterable[np.ndarray], seconds: Sequence[float]) -> bytes:
    """An animated WebP that begins anew when it has ended, in which each picture lasts as long as it should.

    Args:
        pictures: uint8 RGB [height, width, 3], all of one size; one is held at a time.
        seconds: how long each of them lasts; browsers show none for less than `_SHORTEST` milliseconds.
    """
    lasting = [max(_SHORTEST, round(1000 * each)) for each in seconds]
    data = io.BytesIO()
    options = {"duration": lasting if len(lasting) > 1 else lasting[0], "loop": 0, "quality": 85}
    _Frames(pictures, len(seconds)).save(data, "WEBP", save_all=True, **options)
    return data.getvalue()


class _Frames(Image.Image):
    """Pictures as a file of several frames, which are drawn when they are sought; Pillow would hold a list of all."""

    def __init__(self, pictures: Iterable[np.ndarray], count: int) -> None:
        super().__init__()
        self.n_frames, self._at, self._left = count, -1, iter(pictures)
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Goes on to the next frame; back only at the end, when nothing more is looked at."""
        if frame == self._at + 1:
            drawn = Image.fromarray(next(self._left))
            self._at, self._size, self._mode, self.im = frame, drawn.size, drawn.mode, drawn.im

    def tell(self) -> int:
        """The frame that is held."""
        return self._at


def rate_of(seconds: Sequence[float]) -> int:
    """Frames a second at which the shortest of them gets a frame of its own, as far as films go so fast."""
    shortest = min((each for each in seconds if each > 0), default=1.0)
    return min(FASTEST, max(SLOWEST, math.ceil(1 / shortest - 1e-9)))


def _even(picture: np.ndarray) -> np.ndarray:
    """With its last row and column twice where their number is odd, which these codecs do not take."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))
