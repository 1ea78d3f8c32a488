"""A decoded frame of a video -> RGB pixels: its colours as it means them, upright, with square pixels."""

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from core.inputs.colours import turned
from core.inputs.videos.film import check_frame
from core.inputs.videos.limits import MAX_PIXELS

_MEANT = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""FFmpeg's numbers of colour spaces, as files have them."""
_HIGH = 720
"""Lines from which on colours that nobody named are meant as those of HDTV; players take them so, too."""
_FULL, _LIMITED = ColorRange.JPEG, ColorRange.MPEG
_HDR = (16, 18)
"""FFmpeg's numbers of the curves PQ and HLG."""
_MOST_STRETCHED = 8
_EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT
_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


@dataclass(frozen=True)
class Look:
    """How the frames of a video are brought to the size in which a model gets them.

    Attributes:
        full: (width, height) upright and with square pixels.
        orientation: 1 to 8, as in EXIF.
        notes: for people, one sentence each.
    """

    full: tuple[int, int]
    orientation: int = 1
    notes: tuple[str, ...] = ()

    def read_at(self, frames: int) -> tuple[int, int]:
        """(width, height) at which each of so many frames is read."""
        return smaller(self.full, frames)

    def rgb(self, frame: VideoFrame, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3].

        Args:
            size: (width, height) of it, upright; also for a frame whose own size is another than the first one's.
        """
        check_frame(frame.width, frame.height)
        width, height = size if self.orientation < 5 else size[::-1]
        shrinks = width * height < frame.width * frame.height
        is_limited = frame.color_range != 2 and not frame.format.name.startswith("yuvj")
        has_alpha = any(part.is_alpha for part in frame.format.components) or frame.format.name == "pal8"
        pixels = frame.reformat(
            width=width,
            height=height,
            format="rgba" if has_alpha else "rgb24",
            src_colorspace=None if frame.format.is_rgb else _colours(frame),
            src_color_range=_LIMITED if is_limited and not frame.format.is_rgb else _FULL,
            dst_color_range=_FULL,
            interpolation=(Interpolation.AREA if shrinks else Interpolation.BICUBIC) | _EXACT,
            threads=1,
        ).to_ndarray()
        return turned(on_white(pixels) if has_alpha else pixels, self.orientation)


def look_of(frame: VideoFrame, aspect: Fraction | None) -> Look:
    """What a video's first frame says of all of them.

    Args:
        aspect: width by height of one pixel, as the stream has it.

    Raises:
        VideoError: the frames are too large, or too thin.
    """
    orientation, notes = _orientation(frame)
    width, height = frame.width, frame.height
    if aspect and aspect > 0 and aspect != 1:
        if 1 / _MOST_STRETCHED <= aspect <= _MOST_STRETCHED:
            if aspect > 1:
                width = round(width * aspect)
            else:
                height = round(height / aspect)
            notes.append(f"The pixels are not square ({aspect}); the frames were stretched to what players show.")
        else:
            notes.append("What the file says of the shape of its pixels cannot be right; they were taken for square.")
    if orientation >= 5:
        width, height = height, width
    check_frame(width, height)
    if frame.interlaced_frame:
        notes.append("The video is interlaced: two moments alternate in the lines of each frame, and are left so.")
    if frame.color_trc in _HDR:
        notes.append("The video has a high dynamic range; it is shown without tone mapping, and so looks flat.")
    if any(part.is_alpha for part in frame.format.components):
        notes.append("Transparent parts were laid on white.")
    return Look((width, height), orientation, tuple(notes))


def smaller(size: tuple[int, int], frames: int) -> tuple[int, int]:
    """(width, height) at which so many frames stay within `MAX_PIXELS` together; their own size where that does."""
    width, height = size
    if frames * width * height <= MAX_PIXELS:
        return size
    scale = math.sqrt(MAX_PIXELS / (frames * width * height))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def on_white(pixels: np.ndarray) -> np.ndarray:
    """uint8 [height, width, 4], RGB and alpha -> uint8 [height, width, 3]."""
    alpha = pixels[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    return ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _colours(frame: VideoFrame) -> Colorspace:
    return _MEANT.get(frame.colorspace, Colorspace.ITU709 if frame.height >= _HIGH else Colorspace.ITU601)


def _orientation(frame: VideoFrame) -> tuple[int, list[str]]:
    matrix = next((each for each in frame.side_data if each.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return 1, []
    values: tuple[Any, ...] = struct.unpack("<9i", bytes(matrix)[:36])
    found = _ORIENTATIONS.get(tuple(round(values[at] / 65536) for at in (0, 1, 3, 4)))
    if found is None:
        return 1, ["The video is to be turned by an odd angle, which is not done."]
    return found, [] if found == 1 else ["The camera's orientation mark was applied."]
