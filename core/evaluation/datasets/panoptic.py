"""COCO's panoptic format: every pixel of a picture belongs to one segment, whose number a PNG's colours say.

A row is all segments of one category in one picture.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from core.evaluation.datasets.annotation_file import AnnotationFile
from core.evaluation.datasets.coco import ObjectsOf, rows_of_categories
from core.evaluation.datasets.coco_file import CocoFile
from core.evaluation.datasets.mask_files import segments_in
from core.evaluation.datasets.placement import Placement, within
from core.evaluation.datasets.rows import RowsByPicture, label
from core.evaluation.datasets.shapes import Draw


def segments(
    file: AnnotationFile, masks: Path, row: ObjectsOf, placement: Placement
) -> tuple[list[dict[str, Any]], Draw]:
    """The segments of a row, and the pixels of their PNG that have their numbers.

    Raises:
        InputError: the PNG is missing, or a segment has no number.
    """
    del placement
    record = file.read_record(row.annotations[0].span)
    png = within(masks, record.get("file_name"))
    if not png.is_file():
        raise InputError(f"Its mask {label(png.name)} is missing.")
    several = [each for each in record.get("segments_info") or [] if isinstance(each, dict)]
    records = [each for each in several if each.get("category_id") == row.category]
    numbers = [each.get("id") for each in records]
    if not all(isinstance(number, int) and 0 <= number < 2**24 for number in numbers):
        raise InputError("A segment's id is a whole number, by which the PNG's colours name it.")
    return records, partial(_of_segments, png, tuple(numbers))


def _of_segments(png: Path, numbers: tuple[int, ...], size: tuple[int, int]) -> np.ndarray:
    """bool, of the PNG's own size, which is held against the picture's."""
    del size
    return np.isin(segments_in(png), numbers)


def rows_of_panoptic(
    found: CocoFile, folder: Path, masks: Path, prompt: str, synonyms: dict[str, tuple[str, ...]]
) -> RowsByPicture:
    """The rows of a panoptic file; see `coco.rows_of_coco`.

    Args:
        masks: the folder of PNGs.
    """
    return rows_of_categories(found, folder, prompt, synonyms, partial(segments, found.file, masks))
