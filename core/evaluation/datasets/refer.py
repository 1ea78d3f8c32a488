"""Referring expressions (RefCOCO, RefCOCO+, RefCOCOg): words that people found for one object of a picture.

The expression is what is explained, as a sentence that the model is made to say: where does it look while it says "the
woman on the right"? So every row is measured, whatever the model would have said by itself. With a prompt that holds
{}, the expression is put there instead, and the model's own answer is explained.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import InputError, shown
from core.evaluation.datasets.annotation_file import is_text, opened
from core.evaluation.datasets.case import Case, Skipped
from core.evaluation.datasets.coco_file import Annotation, CocoFile
from core.evaluation.datasets.placement import Placement
from core.evaluation.datasets.rows import PictureRows, Reader, RowsByPicture, label
from core.evaluation.datasets.shapes import box_of, shape_of, size_of

PROMPT = "Describe one object in this image in a few words."
PLACE = "{}"


class Expression(NamedTuple):
    """A row.

    Attributes:
        name: which it is, for people: the reference's id, and its number there.
        annotation: the object that it means.
    """

    name: str
    text: str
    image: Hashable
    annotation: Annotation


@dataclass(frozen=True, eq=False)
class ReferReader:
    """Makes cases of expressions.

    Attributes:
        found: the file of object instances that the expressions are about.
        prompt: what is asked; the expression is put in the place of {}, where it has that.
    """

    found: CocoFile
    prompt: str

    def name(self, picture: PictureRows, row: Expression) -> str:
        """For people: 'expression 17.1 "woman on right" in 000042.jpg'."""
        return f'expression {row.name} "{label(row.text)}" in {label(picture.file)}'

    def case(self, picture: PictureRows, row: Expression, path: Path, placement: Placement) -> Case:
        """
        Raises:
            InputError: the object's annotation cannot be used.
        """
        image = self.found.images[row.image]
        record = self.found.file.read_record(row.annotation.span)
        placement = placement.of_annotations(size_of(image.said))
        box = box_of(record)
        is_asked = PLACE in self.prompt
        return Case(
            row=self.name(picture, row),
            picture=path,
            prompt=self.prompt.replace(PLACE, row.text) if is_asked else image.prompt or self.prompt,
            phrases=(),
            sentence=None if is_asked else row.text,
            category=self.found.categories.get(row.annotation.categories[0], ""),
            region=placement.region(shape_of(record, (placement.width, placement.height))),
            box=box and placement.upright_box(box),
        )


def rows_of_refer(path: Path, found: CocoFile, folder: Path, prompt: str) -> RowsByPicture:
    """The rows of a list of references, as refs(...).p holds them, written as JSON.

    Args:
        found: the file of object instances beside it.
        folder: where pictures lie.
        prompt: see `ReferReader`.

    Raises:
        InputError: it is no list of references.
    """
    _, elements = opened(path)
    annotations = {each.name: each for each in found.annotations}
    pictures: dict[Hashable, list[Expression]] = {}
    skipped = list(found.unplaced)
    for number, element in enumerate(elements):
        if element.span is None or element.key:
            raise InputError(f"{path.name} is no list of references as RefCOCO's refs(...).p holds them.")
        try:
            for row in _expressions(element.value, number, found, annotations):
                pictures.setdefault(row.image, []).append(row)
        except InputError as error:
            skipped.append(Skipped(f"reference {_name(element.value, number)}", str(error)))
    reader = ReferReader(found, prompt)
    by_picture = [PictureRows(found.images[image].file, tuple(rows)) for image, rows in pictures.items()]
    return RowsByPicture(Reader(reader.name, reader.case), folder, by_picture, tuple(skipped))


def _name(reference: Any, number: int) -> str:
    given = reference.get("ref_id") if isinstance(reference, dict) else None
    return label(given if isinstance(given, int | str) else f"number {number + 1}")


def _expressions(reference: Any, number: int, found: CocoFile, annotations: dict[Any, Annotation]) -> list[Expression]:
    sentences = reference.get("sentences") if isinstance(reference, dict) else None
    if not isinstance(sentences, list) or not sentences:
        raise InputError("It has no list of sentences, which are the expressions.")
    texts = [each.get("sent") or each.get("raw") if isinstance(each, dict) else each for each in sentences]
    if not all(map(is_text, texts)):
        raise InputError("One of its sentences has no text.")
    name = reference.get("ann_id")
    annotation = annotations.get(name) if isinstance(name, int | str) else None
    if annotation is None:
        raise InputError(f"Its object, annotation {shown(name)}, is not in {found.file.path.name}.")
    if annotation.image not in found.images:
        raise InputError(f"Its picture {shown(annotation.image)} is not in {found.file.path.name}.")
    reference_name = _name(reference, number)
    return [
        Expression(f"{reference_name}.{index}", text.strip(), annotation.image, annotation)
        for index, text in enumerate(texts, 1)
    ]
