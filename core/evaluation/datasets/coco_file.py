"""What a JSON file in COCO's format holds: pictures, categories, and which annotation lies where."""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import InputError, shown
from core.evaluation.datasets.annotation_file import AnnotationFile, Element, Span, is_text, opened
from core.evaluation.datasets.case import Skipped
from core.evaluation.datasets.names import names_beside, phrases_of
from core.evaluation.datasets.rows import label


class Image(NamedTuple):
    """A picture's record.

    Attributes:
        file: its name as the file says it.
        said: width and height as the file says them, unchecked.
        prompt: a question of its own; "" where it has none.
    """

    file: Any
    said: dict[str, Any]
    prompt: str


class Annotation(NamedTuple):
    """Which annotation lies where.

    Attributes:
        name: its id, or its number in the file where it has none.
        categories: of the object, or of each segment of a panoptic annotation.
        span: where it lies in the file.
    """

    name: Any
    image: Any
    categories: tuple[Any, ...]
    span: Span


@dataclass(eq=False)
class CocoFile:
    """A file that was gone through once.

    Attributes:
        images: id -> picture, in the file's order.
        categories: id -> name.
        also: name -> further words for it, as LVIS writes them.
        unplaced: what could not be understood, by picture or annotation.
        is_panoptic: annotations are of whole pictures, with segments.
    """

    file: AnnotationFile
    images: dict[Hashable, Image] = field(default_factory=dict)
    categories: dict[Hashable, str] = field(default_factory=dict)
    also: dict[str, tuple[str, ...]] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    unplaced: list[Skipped] = field(default_factory=list)
    is_panoptic: bool = False

    def skip(self, row: str, why: str) -> None:
        """Notes a row that belongs to no picture."""
        self.unplaced.append(Skipped(label(row), why))


class Words:
    """The words for the categories of a file; each category's are looked up once."""

    def __init__(self, found: CocoFile, synonyms: dict[str, tuple[str, ...]]) -> None:
        both = {name.casefold(): words for name, words in found.also.items()}
        for name, words in synonyms.items():
            both[name] = (*both.get(name, ()), *words)
        self._phrases = {name: phrases_of(name, both) for name in found.categories.values()}
        self._beside: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(phrases, what lies beside them) of a category; see `Case`."""
        if name not in self._beside:
            others = (each for other, words in self._phrases.items() if other != name for each in words)
            self._beside[name] = names_beside(self._phrases[name], others)
        return self._phrases[name], self._beside[name]


def read_coco(path: Path) -> CocoFile:
    """Goes through a file once.

    Raises:
        InputError: it is no JSON, or holds no pictures, no annotations or no categories.
    """
    file, elements = opened(path)
    found = CocoFile(file)
    seen: set[Hashable] = set()
    numbers: Counter[str] = Counter()
    for element in elements:
        numbers[element.key] += 1
        _take(found, element, numbers[element.key], seen)
    for part, name in ((found.images, "images"), (found.annotations, "annotations"), (found.categories, "categories")):
        if not part:
            raise InputError(f"{path.name} has no {name} in COCO's format, so that nothing in it can be measured.")
    return found


def _take(found: CocoFile, element: Element, number: int, seen: set[Hashable]) -> None:
    if element.span is None or element.key not in ("images", "annotations", "categories"):
        return
    record, kind = element.value, {"images": "picture", "annotations": "annotation"}.get(element.key, "category")
    if not isinstance(record, dict):
        return found.skip(f"{kind} {number}", f"It is no record: {shown(record)}.")
    name = record.get("id", _unnamed(record, number) if kind == "annotation" else None)
    if not isinstance(name, int | str):
        return found.skip(f"{kind} {number}", f"Its id is no number and no text: {shown(name)}.")
    if kind == "picture":
        _take_image(found, record, name)
    elif kind == "category":
        _take_category(found, record, name)
    elif name in seen:
        found.skip(f"annotation {name}", "Another annotation before it has the same id.")
    else:
        seen.add(name)
        _take_annotation(found, record, name, element.span)


def _unnamed(record: dict[str, Any], number: int) -> Any:
    """The name of an annotation without an id: COCO's panoptic ones have their picture's, of which each has one."""
    return record.get("image_id") if "segments_info" in record else f"number {number}"


def _take_image(found: CocoFile, record: dict[str, Any], name: Hashable) -> None:
    if name in found.images:
        return found.skip(f"picture {name}", "Another picture before it has the same id.")
    # LVIS names no file, but the address of the picture within COCO.
    address = record.get("coco_url")
    file = record.get("file_name") or (address.rpartition("/")[2] if isinstance(address, str) else None)
    prompt = record.get("prompt")
    size = {side: record[side] for side in ("width", "height") if side in record}
    found.images[name] = Image(file, size, prompt if is_text(prompt) else "")


def _take_category(found: CocoFile, record: dict[str, Any], name: Hashable) -> None:
    said, also = record.get("name"), record.get("synonyms")
    if not is_text(said):
        return found.skip(f"category {name}", "It has no name.")
    if found.categories.setdefault(name, said) != said:
        return found.skip(f"category {name}", f"Another category before it has the same id: {shown(said)}.")
    if isinstance(also, list):
        found.also[said] = tuple(word for word in also if is_text(word) and word != said)


def _take_annotation(found: CocoFile, record: dict[str, Any], name: Hashable, span: Span) -> None:
    segments = record.get("segments_info")
    if isinstance(segments, list):
        found.is_panoptic = True
        categories = [each.get("category_id") if isinstance(each, dict) else None for each in segments]
    else:
        categories = [record.get("category_id")]
    image = record.get("image_id")
    if not all(isinstance(each, int | str) for each in (image, *categories)):
        return found.skip(f"annotation {name}", "It does not say its picture and category by their ids.")
    found.annotations.append(Annotation(name, image, tuple(dict.fromkeys(categories)), span))


def by_picture(found: CocoFile) -> Iterator[tuple[Hashable, list[Annotation]]]:
    """Each picture's id and annotations, in the order of the pictures; those of no picture are noted in `unplaced`."""
    gathered: dict[Hashable, list[Annotation]] = {image: [] for image in found.images}
    for each in found.annotations:
        if each.image in gathered:
            gathered[each.image].append(each)
        else:
            found.skip(f"annotation {each.name}", f"It is of picture {shown(each.image)}, which is not in the file.")
    yield from ((image, several) for image, several in gathered.items() if several)
