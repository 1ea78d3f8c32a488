"""Boxes as a model writes them -> where they are in the picture, in its own pixels.

Which numbers a family writes is told in `core.schema.box_conventions`. Where that is not known, boxes are read and
have no place: nothing is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from core.analysis.boxes.reading import WrittenBox, find_boxes
from core.analysis.regions import Region
from core.schema import ExplainResult
from core.schema.box_conventions import CONVENTIONS, BoxConvention, SeenPicture
from core.schema.checks import check_instance

T = TypeVar("T")

_THOUSANDTHS, _LOC = 1000, 1024

SWAPPED = "Its corners are written the other way round, and were put right."
CLAMPED = "It reaches out of the picture, and was cut off at the edge."
OUTSIDE = "It lies outside of the picture."
NO_AREA = "It has no area."


@dataclass(frozen=True)
class Box:
    """A box or a point of an answer, in the picture.

    Attributes:
        written: as the answer has it.
        size: (width, height) of the picture in pixels; None where that is not known.
        pixels: (left, top, right, bottom), or (x, y) of a point, in pixels of the picture from its upper left corner;
            None where it has no place there.
        notes: what was put right or is wrong, a sentence each.
        is_y_first: whether the answer has what is downwards first.
    """

    written: WrittenBox
    size: tuple[int, int] | None
    pixels: tuple[float, ...] | None
    notes: tuple[str, ...] = ()
    is_y_first: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What each of the written numbers is: "x1", "y1", "x2", "y2" in the order of the model, or "x", "y"."""
        across_first = ("x1", "y1", "x2", "y2") if self.written.kind == "box" else ("x", "y")
        return tuple(name for pair in _pairs(across_first) for name in pair) if self.is_y_first else across_first

    @property
    def corners(self) -> tuple[float, ...] | None:
        """`pixels` as shares of the picture's width and height, each in [0, 1]."""
        if self.pixels is None:
            return None
        return tuple(value / side for value, side in zip(self.pixels, self.size * 2, strict=False))

    @property
    def region(self) -> Region | None:
        """A box with an area as a region; else None."""
        if self.pixels is None or self.written.kind != "box" or NO_AREA in self.notes:
            return None
        left, top, right, bottom = self.corners
        return Region(((left, top), (right, bottom)))


OF_NO_FRAME = "The answer is about a video and holds boxes, but does not say of which frame; they are not shown."


@dataclass(frozen=True)
class Boxes:
    """All that an answer holds.

    Attributes:
        each: in the order of the answer.
        notes: what people should know of all of them, a sentence each.
        convention: in which coordinates they are written; None where that is not known.
    """

    each: tuple[Box, ...]
    notes: tuple[str, ...] = ()
    convention: BoxConvention | None = None


def boxes_of(result: ExplainResult, seen: SeenPicture | None = None) -> Boxes:
    """The boxes and points of a result's answer, in the picture that its maps are of; of a video none.

    Args:
        result: of any method; its answer alone is read.
        seen: for a result that does not say how the model saw the picture, as those do not that were stored before
            it was kept.

    Returns:
        The boxes in the order of the answer, each with its place in pixels of the picture where that is known.

    Raises:
        InputError: it is no result.
    """
    check_instance("The result", result, ExplainResult, "an ExplainResult")
    check_instance("How the model saw the picture", seen, SeenPicture | None, "a SeenPicture or None")
    reading, seen = find_boxes(result.answer), result.seen or seen
    if result.request.is_video:
        return Boxes((), (OF_NO_FRAME,) if reading.boxes else ())
    convention = None if seen is None else CONVENTIONS.get(seen.model_type)
    boxes = tuple(place(box, seen) for box in reading.boxes)
    notes = [*reading.notes, *(_unknown(boxes, seen, convention))]
    if boxes and result.request.images:
        notes.append(
            "The prompt holds several pictures, and the answer does not say of which one a box is. Each is shown as if "
            "it were of the picture that is looked at."
        )
    return Boxes(boxes, tuple(notes), convention)


def _unknown(boxes: tuple[Box, ...], seen: SeenPicture | None, convention: BoxConvention | None) -> Iterator[str]:
    if all(box.pixels is not None or OUTSIDE in box.notes for box in boxes):
        return
    if seen is None:
        yield (
            "How the model saw the picture was not kept with this result, so that it is not known where its boxes are. "
            "Ask again to see them."
        )
    elif convention is None:
        yield (
            f"It is not known in which coordinates models of the type {seen.model_type!r} write boxes, so that theirs "
            "have no place in the picture."
        )
    else:
        yield "At which size the model saw the picture is not known, and its boxes are in pixels of that."


def place(written: WrittenBox, seen: SeenPicture | None) -> Box:
    """Where a box lies in the picture, by the convention of the model's family."""
    size = None if seen is None else seen.size
    spread, is_y_first = _units(written, seen)
    if spread is None:
        return Box(written, size, None)
    numbers, notes = written.values, []
    if is_y_first:
        numbers = tuple(number for pair in _pairs(numbers) for number in pair)
    whole = [value * side / unit for value, side, unit in zip(numbers, size * 2, spread * 2, strict=False)]
    if written.kind == "box":
        left, right, top, bottom = *sorted(whole[::2]), *sorted(whole[1::2])
        if [left, top, right, bottom] != whole:
            notes.append(SWAPPED)
        whole = [left, top, right, bottom]
        if left == right or top == bottom:
            notes.append(NO_AREA)
    within = [min(max(value, 0.0), float(side)) for value, side in zip(whole, size * 2, strict=False)]
    if within != whole:
        if _is_outside(whole, size):
            return Box(written, size, None, (*notes, OUTSIDE), is_y_first)
        notes.append(CLAMPED)
    return Box(written, size, tuple(within), tuple(notes), is_y_first)


def _pairs(values: tuple[T, ...]) -> Iterator[tuple[T, T]]:
    """Each two as (second, first)."""
    return zip(values[1::2], values[::2], strict=True)


def _units(written: WrittenBox, seen: SeenPicture | None) -> tuple[tuple[int, int] | None, bool]:
    """(what the numbers of the right and the lower edge are, whether they are y, x); (None, False) if not known."""
    if seen is None:
        return None, False
    if written.is_loc:
        return (_LOC, _LOC), True
    convention = CONVENTIONS.get(seen.model_type)
    if convention is None:
        return None, False
    ends = seen.seen if convention.unit == "seen pixels" else (_THOUSANDTHS, _THOUSANDTHS)
    return ends, convention.order == "y first"


def _is_outside(whole: list[float], size: tuple[int, int]) -> bool:
    """Whether nothing of it lies in the picture."""
    (left, top), (right, bottom) = whole[:2], whole[-2:]
    if len(whole) == 2:
        return not (0 <= left <= size[0] and 0 <= top <= size[1])
    return right <= 0 or bottom <= 0 or left >= size[0] or top >= size[1]
