"""The shape that an annotation gives an object, checked at once and drawn when it is needed."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.errors import InputError, shown
from core.evaluation.datasets import masks
from core.evaluation.datasets.annotation_file import is_number
from core.evaluation.datasets.case import Box

Draw = Callable[[tuple[int, int]], np.ndarray]
"""(height, width) -> bool [height, width]; may raise InputError."""


def size_of(record: dict[str, Any]) -> tuple[int, int] | None:
    """(width, height) as a record says it; None where it does not.

    Raises:
        InputError: it says a size that there cannot be.
    """
    size = record.get("width"), record.get("height")
    if size == (None, None):
        return None
    if not all(is_number(side) and side == int(side) and side > 0 for side in size):
        raise InputError(f"There is no picture of {shown(size[0])} x {shown(size[1])} pixels.")
    return int(size[0]), int(size[1])


def box_of(annotation: dict[str, Any]) -> Box | None:
    """An annotation's bbox (left, top, width, height) as left, top, right, bottom; None where it has none.

    Raises:
        InputError: it is no box.
    """
    given = annotation.get("bbox")
    if given is None or given == []:
        return None
    if not isinstance(given, list) or len(given) != 4 or not all(is_number(value) for value in given):
        raise InputError(f"A box is four numbers (left, top, width, height), not {shown(given)}.")
    left, top, width, height = (float(value) for value in given)
    if width <= 0 or height <= 0:
        raise InputError(f"Its box has no area: {width:g} x {height:g} pixels.")
    return left, top, left + width, top + height


def shape_of(annotation: dict[str, Any], size: tuple[int, int]) -> Draw:
    """An annotation's pixels: of its polygons or run lengths, or of its box where it has neither.

    Args:
        size: (width, height) of the picture that was annotated.

    Raises:
        InputError: what it has is no shape, or is of a picture of another size.
    """
    given = annotation.get("segmentation")
    if isinstance(given, dict):
        return _of_run_lengths(given, size)
    if given is None or given == []:
        box = box_of(annotation)
        if box is None:
            raise InputError("It has neither a mask nor a box.")
        return lambda pixels: masks.of_box(box, pixels)
    polygons = _polygons(given)
    return lambda pixels: masks.of_polygons(polygons, pixels)


def _of_run_lengths(given: dict[str, Any], size: tuple[int, int]) -> Draw:
    said, counts = given.get("size"), given.get("counts")
    if not isinstance(said, list) or len(said) != 2 or not all(is_number(side) for side in said):
        raise InputError("Its run lengths do not say their size.")
    if (said[1], said[0]) != size:
        raise InputError(
            f"Its run lengths are of {said[1]} x {said[0]} pixels, and the picture has {size[0]} x {size[1]}."
        )
    if isinstance(counts, str):
        return lambda pixels: masks.of_counts(masks.decompressed(counts), pixels)
    if not isinstance(counts, list):
        raise InputError("Its run lengths are no list and no text.")
    return lambda pixels: masks.of_counts(counts, pixels)


def _polygons(given: Any) -> list[np.ndarray]:
    if isinstance(given, list) and given and not any(isinstance(each, list) for each in given):
        given = [given]  # one polygon, not put into a list
    if not isinstance(given, list) or not all(isinstance(each, list) for each in given):
        raise InputError(f"A mask is a list of polygons or run lengths, not {shown(given)}.")
    for each in given:
        if len(each) < 6 or len(each) % 2 or not all(is_number(value) for value in each):
            raise InputError("A polygon is three or more corners, x and y of each, in one list of numbers.")
    return [np.array(each, np.float64).reshape(-1, 2) for each in given]
