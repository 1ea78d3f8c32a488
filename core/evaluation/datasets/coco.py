"""COCO's object instances: a row is all objects of one category in one picture.

A word of an answer means all things of its kind that are there: "two dogs" is both. So the region of a row is the
union of the category's objects, crowds included. A box is given where it is around a single object.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.errors import InputError, shown
from core.evaluation.datasets.annotation_file import AnnotationFile
from core.evaluation.datasets.case import Case
from core.evaluation.datasets.coco_file import Annotation, CocoFile, Words, by_picture
from core.evaluation.datasets.placement import Placement
from core.evaluation.datasets.rows import PictureRows, Reader, RowsByPicture, label
from core.evaluation.datasets.shapes import Draw, box_of, shape_of, size_of

PROMPT = "Write a one-sentence caption for this image:"
"""What TAM's published evaluation on COCO asks (Li et al. 2025, arXiv 2506.23270, eval.py)."""


class ObjectsOf(NamedTuple):
    """A row: what of a picture's annotations is of one category."""

    image: Hashable
    category: Hashable
    annotations: tuple[Annotation, ...]


class Broken(NamedTuple):
    """A row that is known to be none."""

    name: str
    why: str


Objects = Callable[[ObjectsOf, Placement], tuple[list[dict[str, Any]], Draw]]
"""(row, how its picture was annotated) -> the records of its objects, and their pixels together."""


@dataclass(frozen=True, eq=False)
class CategoryReader:
    """Makes cases of rows that are all objects of a category.

    Attributes:
        prompt: asked of pictures that have no question of their own.
        objects: where the format has them; may raise InputError.
    """

    found: CocoFile
    words: Words
    prompt: str
    objects: Objects

    def name(self, picture: PictureRows, row: ObjectsOf | Broken) -> str:
        """For people: "dog in 000042.jpg"."""
        name = row.name if isinstance(row, Broken) else label(self.found.categories[row.category])
        return f"{name} in {label(picture.file)}"

    def case(self, picture: PictureRows, row: ObjectsOf | Broken, path: Path, placement: Placement) -> Case:
        """
        Raises:
            InputError: one of the row's annotations cannot be used.
        """
        if isinstance(row, Broken):
            raise InputError(row.why)
        image = self.found.images[row.image]
        placement = placement.of_annotations(size_of(image.said))
        records, draw = self.objects(row, placement)
        boxes = [box and placement.upright_box(box) for box in map(box_of, records)]
        is_single = len(records) == 1 and not records[0].get("iscrowd")
        phrases, beside = self.words.of(category := self.found.categories[row.category])
        return Case(
            row=self.name(picture, row),
            picture=path,
            prompt=image.prompt or self.prompt,
            phrases=phrases,
            sentence=None,
            category=category,
            region=placement.region(draw),
            box=boxes[0] if is_single else None,
            beside=beside,
        )


def instances(file: AnnotationFile, row: ObjectsOf, placement: Placement) -> tuple[list[dict[str, Any]], Draw]:
    """The objects of a row, each an annotation by itself."""
    records = [file.read_record(each.span) for each in row.annotations]
    shapes = [shape_of(record, (placement.width, placement.height)) for record in records]
    return records, partial(union, shapes)


def union(shapes: list[Draw], size: tuple[int, int]) -> np.ndarray:
    """The pixels of any of several shapes, bool [height, width]."""
    covered = np.zeros(size, bool)
    for draw in shapes:
        covered |= draw(size)
    return covered


def by_category(found: CocoFile) -> list[PictureRows]:
    """Each picture's rows, one for each category in it; one by itself for an annotation of none."""
    pictures = []
    for image, annotations in by_picture(found):
        several: dict[Hashable, list[Annotation]] = {}
        rows: list[ObjectsOf | Broken] = []
        for each in annotations:
            for category in each.categories:
                if category in found.categories:
                    several.setdefault(category, []).append(each)
                else:
                    why = f"Its category {shown(category)} is not in the file."
                    rows.append(Broken(f"annotation {label(each.name)}", why))
        rows += [ObjectsOf(image, category, tuple(each)) for category, each in several.items()]
        pictures.append(PictureRows(found.images[image].file, tuple(rows)))
    return pictures


def rows_of_coco(found: CocoFile, folder: Path, prompt: str, synonyms: dict[str, tuple[str, ...]]) -> RowsByPicture:
    """The rows of a file of object instances.

    Args:
        folder: where pictures lie.
        prompt: asked of pictures that have no question of their own.
        synonyms: see `names.read_synonyms`.
    """
    return rows_of_categories(found, folder, prompt, synonyms, partial(instances, found.file))


def rows_of_categories(
    found: CocoFile, folder: Path, prompt: str, synonyms: dict[str, tuple[str, ...]], objects: Objects
) -> RowsByPicture:
    """As `rows_of_coco`, with the objects where another format has them."""
    reader = CategoryReader(found, Words(found, synonyms), prompt, objects)
    pictures = by_category(found)  # notes what belongs to no picture
    return RowsByPicture(Reader(reader.name, reader.case), folder, pictures, tuple(found.unplaced))
