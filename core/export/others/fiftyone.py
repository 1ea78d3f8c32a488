"""Results -> a data set that FiftyOne reads: a heat map, hot regions and the model's boxes as labels of each picture.

Of the format `fiftyone.types.FiftyOneDataset` the plain one, whose metadata.json has no version: it is read by all
versions from 0.8 on. Paths of maps are relative, as FiftyOne writes them of fields that have a folder below fields/.
"""

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from core.export.others.entries import HALF, Entry, Found, Threshold, about, found_in
from core.export.others.json_bytes import json_bytes

PICTURES = "data"
"""The folder of the data set in which pictures are looked for that have no path of their own."""
TAG = "prediction"
_TOP = 2**16 - 1


def to_fiftyone(entries: Sequence[Entry], threshold: Threshold = HALF) -> dict[str, bytes]:
    """The files of the data set, by their paths below its folder, without the pictures.

    Labels of a picture: `heat` (Heatmap, a PNG of 16 bits with a pixel for each cell, from 0 to the map's `maximum`),
    `regions` and `boxes` (Detections), `points` (Keypoints), and as texts prompt, answer, and what was explained how.
    A further result about a picture of the same name has labels of its own: heat_2 and so on.

    Raises:
        InputError: the target's tokens are not in the answer.
    """
    samples: dict[str, dict[str, Any]] = {}
    files: dict[str, bytes] = {}
    times: Counter[str] = Counter()
    for number, entry in enumerate(entries, 1):
        times[entry.name] += 1
        end = "" if times[entry.name] == 1 else f"_{times[entry.name]}"
        path = f"fields/heat{end}/{number:06d}.png"
        files[path] = _png(entry.result.headline)
        sample = samples.setdefault(entry.name, _sample(entry))
        sample |= {f"{name}{end}": value for name, value in _labels(entry, path, threshold).items()}
    metadata = {"name": "smooth-grad-cam", "media_type": "image", "info": {"predictions": True}}
    texts = {"metadata.json": metadata, "samples.json": {"samples": list(samples.values())}}
    return {name: json_bytes(value) for name, value in texts.items()} | files


def _sample(entry: Entry) -> dict[str, Any]:
    width, height = entry.size
    return {
        "filepath": entry.name if entry.name.startswith("/") else f"{PICTURES}/{entry.name}",
        "tags": [TAG],
        "metadata": {"_cls": "ImageMetadata", "width": width, "height": height},
    }


def _labels(entry: Entry, path: str, threshold: Threshold) -> dict[str, Any]:
    result, found = entry.result, list(found_in(entry, threshold))
    method, _ = result.asked
    heat = {
        "_cls": "Heatmap",
        "map_path": path,
        "range": [0, _TOP],
        "maximum": max(0.0, float(result.headline.max())),
        "unit": result.of(method).request.heat_unit,
    }
    boxes = [each for each in found if each.kind == "answer" and len(each.pixels) == 4]
    points = [each for each in found if len(each.pixels) == 2]
    return {
        "heat": heat,
        "regions": _detections([each for each in found if each.kind == "heat"], entry.size),
        **({"boxes": _detections(boxes, entry.size)} if boxes else {}),
        **({"points": {"_cls": "Keypoints", "keypoints": _points(points, entry.size)}} if points else {}),
        **about(entry),
    }


def _detections(found: Sequence[Found], size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    each = []
    for one in found:
        left, top, right, bottom = one.corners
        box = [left / width, top / height, (right - left) / width, (bottom - top) / height]
        each.append({"_cls": "Detection", "label": one.label, "bounding_box": box, "confidence": one.score})
    return {"_cls": "Detections", "detections": each}


def _points(found: Sequence[Found], size: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {
            "_cls": "Keypoint",
            "label": one.label,
            "points": [[one.pixels[0] / size[0], one.pixels[1] / size[1]]],
            "confidence": [one.score],
        }
        for one in found
    ]


def _png(heat: np.ndarray) -> bytes:
    top = float(heat.max())
    share = np.clip(heat.astype(np.float64) / top, 0, 1) if top > 0 else np.zeros(heat.shape)
    scaled = np.round(_TOP * share).astype(np.uint16)
    data = io.BytesIO()
    Image.fromarray(scaled).save(data, "PNG")
    return data.getvalue()
