"""Small data sets on disk, for tests of their readers."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from core.evaluation.datasets.case import Case, DataSet, Skipped

SQUARE = [1, 1, 3, 1, 3, 3, 1, 3]
"""A polygon of the pixels 1 and 2 of both sides."""


def picture(path: Path, size: tuple[int, int] = (8, 6), orientation: int = 1) -> Path:
    """Writes a plain picture of (width, height)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size, (90, 120, 30)).save(path, exif=exif)
    return path


def image(number: Any, name: Any = None, **more: Any) -> dict[str, Any]:
    """A picture's record, of 8 x 6 pixels."""
    file = f"{number}.png" if name is None else name
    return {"id": number, "file_name": file, "width": 8, "height": 6} | more


def thing(number: Any, picture: Any, category: Any, **more: Any) -> dict[str, Any]:
    """An annotation."""
    held = {"id": number, "image_id": picture, "category_id": category, "segmentation": [SQUARE], "iscrowd": 0}
    return held | {"bbox": [1, 1, 2, 2]} | more


CATEGORIES = [{"id": 1, "name": "dog"}, {"id": 2, "name": "hot dog"}, {"id": 7, "name": "person"}]


def coco(folder: Path, images: list, annotations: list, categories: list = CATEGORIES, name: str = "data.json") -> Path:
    """Writes a file in COCO's format, and the plain pictures that it names and that are not there yet."""
    for record in images:
        given = record.get("file_name") if isinstance(record, dict) else None
        if isinstance(given, str) and "/" not in given and not given.startswith("no") and "." in given:
            if not (folder / given).exists():
                picture(folder / given)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    held = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return path


def cases(dataset: DataSet) -> list[Case]:
    """The rows that can be measured."""
    return [row for row in dataset if isinstance(row, Case)]


def skipped(dataset: DataSet) -> dict[str, str]:
    """The rows that cannot: name -> why."""
    return {row.row: row.why for row in dataset if isinstance(row, Skipped)}
