"""Our drawn scenes as data sets in each format that is read: so that readers and measures can be held against them.

A row is a phrase of a scene's answer and the pixels that it means. A picture has a question of its own, which COCO's
formats do not know: it is a field `prompt` of the picture's record, that other readers pass over.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import InputError, shown
from core.evaluation.datasets.masks import bounding_box
from core.evaluation.datasets.outlines import has_holes, outlines
from core.export.others.run_lengths import counts_of
from core.export.tables import csv_text
from core.scenes.drawing import COLORS, SHAPES
from core.scenes.scene import EVALUATION_SEEDS, Scene, sample
from core.scenes.wording import COLORS_ZH, SHAPES_ZH
from core.scenes.wording import KINDS as ALL_KINDS

KINDS = ("where", "color", "shape", "at", "where_zh")
"""Kinds of question whose whole answer is a phrase with a place in the picture."""
SEEDS = EVALUATION_SEEDS[600_000:]
"""Of the scenes of the built-in evaluation, which takes them in this order."""
MOST_SCENES = 5_000
MOST_SEED = len(SEEDS) - 20 * MOST_SCENES
"""So that enough draws are left, of which some are passed over."""

_OBJECTS = {
    *(f"{color} {shape}" for color in COLORS for shape in SHAPES),
    *(color + shape for color in COLORS_ZH for shape in SHAPES_ZH),
}
_SPLIT = "scenes"


@dataclass(frozen=True)
class Drawn:
    """A picture that was written.

    Attributes:
        size: (width, height).
    """

    question: str
    size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Row:
    """One thing to be measured.

    Attributes:
        picture: which scene it is of.
        mask: bool [height, width].
    """

    picture: int
    phrase: str
    mask: np.ndarray


def scenes(count: int, seed: int = 0, kinds: Sequence[str] = KINDS) -> Iterator[Scene]:
    """Scenes of two to four objects whose answer means something in the picture, as the built-in evaluation draws them.

    Args:
        seed: how many of that evaluation's draws are passed over first.
    """
    offset = seed
    while count > 0:
        scene = sample(SEEDS[offset], kind=kinds[offset % len(kinds)], objects=2 + offset // len(kinds) % 3)
        offset += 1
        if phrases_in(scene):
            count -= 1
            yield scene


def phrases_in(scene: Scene) -> list[str]:
    """What of a scene's answer is measured: a short answer that means something in the picture, or the objects that a
    description names."""
    if scene.answer in scene.masks:
        return [scene.answer]
    return [phrase for phrase in scene.masks if phrase in _OBJECTS and phrase in scene.answer]


def write(folder: Path, format_name: str, count: int, seed: int = 0, kinds: Sequence[str] = KINDS) -> Path:
    """Writes scenes as a data set into a new or empty folder.

    Args:
        format_name: one of `FORMATS`.
        count: scenes.

    Returns:
        The file of annotations.

    Raises:
        InputError: there is no such format, number or kind, or the folder holds something or cannot be written.
    """
    if format_name not in FORMATS:
        raise InputError(f"The formats are {', '.join(FORMATS)}, not {shown(format_name)}.")
    if not 1 <= count <= MOST_SCENES or not 0 <= seed <= MOST_SEED:
        raise InputError(f"Scenes are 1 to {MOST_SCENES:,}, and a seed is 0 to {MOST_SEED:,}.")
    if unknown := [kind for kind in kinds if kind not in ALL_KINDS]:
        raise InputError(f"The kinds of question are {', '.join(ALL_KINDS)}, not {shown(unknown[0])}.")
    if "\0" in str(folder):
        raise InputError(f"There cannot be a folder {shown(str(folder))}.")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"{shown(str(folder))} holds files. Name a new or an empty folder.")
        pictures = folder / _SPLIT
        pictures.mkdir(parents=True)
        drawn, rows = [], []
        for number, scene in enumerate(scenes(count, seed, kinds)):
            scene.image.save(pictures / _file(number))
            drawn.append(Drawn(scene.question, scene.image.size))
            rows += [Row(number, phrase, scene.masks[phrase]) for phrase in phrases_in(scene)]
        return FORMATS[format_name](folder, drawn, rows)
    except OSError as error:
        raise InputError(f"{shown(str(folder))} cannot be written: {error.strerror}.") from None


def _file(picture: int) -> str:
    return f"{picture:06d}.png"


def _box(mask: np.ndarray) -> list[float]:
    left, top, right, bottom = bounding_box(mask)
    return [left, top, right - left, bottom - top]


def _segmentation(mask: np.ndarray) -> Any:
    """Polygons along the pixels; run lengths where there are holes, which polygons of COCO cannot say."""
    if has_holes(mask):
        return {"size": list(mask.shape), "counts": counts_of(mask)}
    return outlines(mask)


def _common(drawn: Sequence[Drawn], rows: Sequence[Row]) -> tuple[dict[str, Any], dict[str, int]]:
    """What COCO's formats share, and the categories' ids."""
    categories = {name: number for number, name in enumerate(dict.fromkeys(row.phrase for row in rows), 1)}
    images = [
        {"id": number, "file_name": _file(number), "width": each.size[0], "height": each.size[1]}
        | {"prompt": each.question}
        for number, each in enumerate(drawn)
    ]
    named = [{"id": number, "name": name, "supercategory": "scene"} for name, number in categories.items()]
    return {"images": images, "categories": named}, categories


def _instances(drawn: Sequence[Drawn], rows: Sequence[Row]) -> dict[str, Any]:
    held, categories = _common(drawn, rows)
    annotations = [
        {
            "id": number,
            "image_id": row.picture,
            "category_id": categories[row.phrase],
            "iscrowd": 0,
            "area": int(row.mask.sum()),
            "bbox": _box(row.mask),
            "segmentation": _segmentation(row.mask),
        }
        for number, row in enumerate(rows, 1)
    ]
    return held | {"annotations": annotations}


def write_coco(folder: Path, drawn: Sequence[Drawn], rows: Sequence[Row]) -> Path:
    """annotations/instances_scenes.json, beside scenes/."""
    return _json(folder / "annotations" / f"instances_{_SPLIT}.json", _instances(drawn, rows))


def write_panoptic(folder: Path, drawn: Sequence[Drawn], rows: Sequence[Row]) -> Path:
    """annotations/panoptic_scenes.json and its folder of PNGs, beside scenes/."""
    held, categories = _common(drawn, rows)
    masks = folder / "annotations" / f"panoptic_{_SPLIT}"
    masks.mkdir(parents=True)
    annotations = []
    for picture, (width, height) in enumerate(each.size for each in drawn):
        numbers = np.zeros((height, width), np.int64)
        segments = []
        for row in (row for row in rows if row.picture == picture):
            number = 1000 * (len(segments) + 1)  # beyond what one channel of the PNG can hold
            numbers[row.mask] = number
            segments.append(
                {"id": number, "category_id": categories[row.phrase], "iscrowd": 0, "bbox": _box(row.mask)}
                | {"area": int(row.mask.sum())}
            )
        colours = np.stack([numbers >> shift & 255 for shift in (0, 8, 16)], -1).astype(np.uint8)
        Image.fromarray(colours).save(masks / _file(picture))
        annotations.append({"image_id": picture, "file_name": _file(picture), "segments_info": segments})
    return _json(masks.with_suffix(".json"), held | {"annotations": annotations})


def write_refer(folder: Path, drawn: Sequence[Drawn], rows: Sequence[Row]) -> Path:
    """refs.json and instances.json, beside scenes/: each phrase is an expression for its object."""
    instances = _instances(drawn, rows)
    references = [
        {
            "ref_id": number,
            "ann_id": annotation["id"],
            "image_id": row.picture,
            "category_id": annotation["category_id"],
            "split": "val",
            "sentences": [{"sent_id": number, "sent": row.phrase, "raw": row.phrase}],
        }
        for number, (row, annotation) in enumerate(zip(rows, instances["annotations"], strict=True), 1)
    ]
    _json(folder / f"instances_{_SPLIT}.json", instances)
    return _json(folder / "refs.json", references)


def write_csv(folder: Path, drawn: Sequence[Drawn], rows: Sequence[Row]) -> Path:
    """rows.csv and masks/, beside scenes/."""
    masks = folder / "masks"
    masks.mkdir()
    cells = []
    for number, row in enumerate(rows):
        Image.fromarray(row.mask).save(masks / _file(number))
        box = ", ".join(f"{edge:g}" for edge in bounding_box(row.mask))
        picture, mask = f"{_SPLIT}/{_file(row.picture)}", f"masks/{_file(number)}"
        cells.append((picture, drawn[row.picture].question, row.phrase, mask, box, row.phrase))
    path = folder / "rows.csv"
    path.write_text(csv_text(("picture", "prompt", "phrase", "mask", "box", "category"), cells), "utf-8", newline="")
    return path


def _json(path: Path, held: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return path


FORMATS: dict[str, Callable[[Path, Sequence[Drawn], Sequence[Row]], Path]] = {
    "coco": write_coco,
    "panoptic": write_panoptic,
    "refer": write_refer,
    "csv": write_csv,
}
