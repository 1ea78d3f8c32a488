"""Results -> a COCO data set: hot regions as run lengths, and the model's boxes; all of it predictions, with scores."""

from collections.abc import Sequence
from typing import Any

from core.export.others.entries import HALF, Entry, Found, Threshold, about, found_in
from core.export.others.run_lengths import coco_mask


def to_coco(entries: Sequence[Entry], threshold: Threshold = HALF, compress: bool = True) -> dict[str, Any]:
    """The content of a file of object instances, as `pycocotools.coco.COCO` reads it.

    Its list of annotations is, too, what `COCO.loadRes` takes. Each has a `score` (`Found.score`), and `attributes`
    that say whether it is of the heat or of the answer, and what was asked. A point is the pixel around it, with
    `keypoints`. Results of one picture, by its name, share its image.

    Args:
        compress: run lengths as text, as the COCO API writes them; else as lists of numbers.

    Raises:
        InputError: the target's tokens are not in the answer.
    """
    images: dict[str, dict[str, Any]] = {}
    categories: dict[str, int] = {}
    annotations: list[dict[str, Any]] = []
    for entry in entries:
        width, height = entry.size
        image = images.setdefault(
            entry.name, {"id": len(images) + 1, "file_name": entry.name, "width": width, "height": height}
        )
        told = about(entry)
        for found in found_in(entry, threshold):
            category = categories.setdefault(found.label, len(categories) + 1)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image["id"],
                    "category_id": category,
                    **_shape(found, compress),
                    "iscrowd": 0,
                    "score": found.score,
                    "attributes": {"prediction": True, "source": found.kind, **told},
                }
            )
    return {
        "info": {"description": "Predictions: hot regions of a model's maps, and boxes that it has written"},
        "licenses": [],
        "images": list(images.values()),
        "categories": [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()],
        "annotations": annotations,
    }


def _shape(found: Found, compress: bool) -> dict[str, Any]:
    left, top, right, bottom = found.corners
    shape = {"bbox": [left, top, right - left, bottom - top]}
    if found.region is not None:
        return {"segmentation": coco_mask(found.region.mask, compress), "area": found.region.area, **shape}
    shape |= {
        "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
        "area": (right - left) * (bottom - top),
    }
    return shape if len(found.pixels) == 4 else shape | {"keypoints": [*found.pixels, 2], "num_keypoints": 1}
