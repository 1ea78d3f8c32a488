"""How a picture lies in its file, and how what was drawn on it as it lies there is turned upright with it.

Masks and boxes of data sets are of the picture as it is stored: their makers' tools do not heed a camera's orientation
mark, and pages and models do. Some tools do heed it: where width and height tell so, nothing is turned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import ImageError, InputError, shown
from core.evaluation.datasets.case import Box
from core.inputs.colours import turned
from core.inputs.decoding import decoded
from core.inputs.pictures import read_file

_OVERHANG = 1.0
"""Pixels by which a box may stand over: edges are rounded one way or another."""


@dataclass(frozen=True)
class Placement:
    """How a picture lies in its file.

    Attributes:
        width, height: as stored.
        orientation: EXIF's, 1 to 8: how it is turned to be upright.
    """

    width: int
    height: int
    orientation: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """(width, height) of the upright picture."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)

    def of_annotations(self, size: tuple[int, int] | None) -> "Placement":
        """How the picture lay when it was annotated.

        Args:
            size: (width, height) that the annotations are of; None where they do not say.

        Raises:
            InputError: it is neither that of the stored picture nor that of the upright one.
        """
        if size in (None, (self.width, self.height)):
            return self
        if size == self.upright:
            return Placement(*size)
        raise InputError(
            f"It was annotated on a picture of {size[0]} x {size[1]} pixels, and the file has {self.width} x "
            f"{self.height}."
        )

    def upright_box(self, box: Box) -> Box:
        """A box on the stored picture -> the same on the upright one, cut to the picture.

        Raises:
            InputError: it has no area, or stands over the picture's edge by more than a pixel.
        """
        left, top, right, bottom = box
        w, h = self.width, self.height
        if not (left < right and top < bottom):
            raise InputError("Its box has no area: width and height are numbers above 0.")
        if min(left, top) < -_OVERHANG or right > w + _OVERHANG or bottom > h + _OVERHANG:
            edges = ", ".join(f"{edge:g}" for edge in box)
            raise InputError(
                f"Its box (left, top, right, bottom: {edges}) does not lie in the picture of {w} x {h} pixels."
            )
        left, top, right, bottom = max(0.0, left), max(0.0, top), min(float(w), right), min(float(h), bottom)
        if not (left < right and top < bottom):
            raise InputError("Its box lies on the edge of the picture and has no area within it.")
        match self.orientation:
            case 2:
                return w - right, top, w - left, bottom
            case 3:
                return w - right, h - bottom, w - left, h - top
            case 4:
                return left, h - bottom, right, h - top
            case 5:
                return top, left, bottom, right
            case 6:
                return h - bottom, left, h - top, right
            case 7:
                return h - bottom, w - right, h - top, w - left
            case 8:
                return top, w - right, bottom, w - left
        return left, top, right, bottom

    def region(self, draw: Callable[[tuple[int, int]], np.ndarray]) -> Callable[[tuple[int, int]], np.ndarray]:
        """A `Case.region` of what is drawn on the stored picture.

        Args:
            draw: (height, width) of the stored picture -> bool [height, width]; may raise InputError.
        """

        def region(size: tuple[int, int]) -> np.ndarray:
            mask = draw((self.height, self.width))
            check_mask_size(mask, (self.width, self.height))
            upright = np.ascontiguousarray(turned(mask, self.orientation))
            if upright.shape != tuple(size):
                raise InputError(
                    f"Its mask is of {upright.shape[1]} x {upright.shape[0]} pixels, and the picture has {size[1]} x "
                    f"{size[0]}."
                )
            if not upright.any():
                raise InputError("Its mask is empty: no pixel of the picture is marked.")
            return upright

        return region


def check_mask_size(mask: np.ndarray, size: tuple[int, int]) -> None:
    """
    Args:
        size: (width, height) that it should have.

    Raises:
        InputError: it has another.
    """
    if mask.shape[1::-1] != size:
        raise InputError(
            f"Its mask is of {mask.shape[1]} x {mask.shape[0]} pixels, and the picture has {size[0]} x {size[1]}."
        )


def placement_of(path: Path) -> Placement:
    """How a picture lies in its file. It is decoded, so that a file that is damaged is found.

    Raises:
        ImageError: it cannot be read, or is read at half its size.
    """
    data = read_file(path)
    if not data:
        raise ImageError(f"The picture {path.name[:100]!r} is empty.")
    with decoded(data) as found:
        if found.shrunk > 1:
            raise ImageError("The picture is so large that it is read at half its size, and its mask does not fit it.")
        width, height = found.frame.size
        return Placement(width, height, found.frame.orientation)


def within(folder: Path, name: object) -> Path:
    """The file of a folder that an annotation names.

    Raises:
        InputError: it is no name, or one of a file elsewhere.
    """
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise InputError(f"It names no file: {shown(name)}.")
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or Path(name).is_absolute() or ":" in parts.parts[0]:
        raise InputError(f"The file {shown(name)} lies outside of its folder, from which alone files are read.")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"It names no file: {shown(name)}.") from None
    return folder / parts
