"""Results -> tasks of Label Studio with pre-annotations: hot regions by the brush, the model's boxes and points."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from core.export.others.entries import HALF, Entry, Found, Threshold, about, found_in
from core.export.others.run_lengths import brush

LOCAL_FILES = "/data/local-files/?d="
"""How addresses of files begin that lie in Label Studio's own folder of local files."""
_KINDS = {"heat": "brushlabels", "boxes": "rectanglelabels", "points": "keypointlabels"}
"""What each labels tag is called, and its type."""
_POINT_WIDTH = 1.0
"""Of a point as it is drawn, in percent of the picture's width."""


def to_label_studio(
    entries: Sequence[Entry],
    threshold: Threshold = HALF,
    prefix: str = LOCAL_FILES,
) -> list[dict[str, Any]]:
    """The tasks, one for each picture, by its name; each result about it is a prediction.

    `label_config` gives the labelling interface that they belong to. A prediction's score is the largest share of heat
    that one region holds.

    Args:
        prefix: what stands before a picture's name in its address.

    Raises:
        InputError: the target's tokens are not in the answer.
    """
    tasks: dict[str, dict[str, Any]] = {}
    for entry in entries:
        told = about(entry)
        data = {
            "image": prefix + quote(entry.name, errors="replace"),
            "prompt": told["prompt"],
            "answer": told["answer"],
        }
        task = tasks.setdefault(entry.name, {"data": data, "predictions": []})
        found = list(found_in(entry, threshold))
        named = f"{told['method']}, layer {told['layer']}" if told["layer"] is not None else told["method"]
        task["predictions"].append(
            {
                "model_version": f"{named}: {told['explained']}",
                "score": max((each.score for each in found if each.kind == "heat"), default=0.0),
                "result": [_result(each, number, entry.size) for number, each in enumerate(found, 1)],
            }
        )
    return list(tasks.values())


def label_config(entries: Sequence[Entry], threshold: Threshold = HALF) -> str:
    """The labelling interface of a project for these tasks, in Label Studio's XML."""
    labels: dict[str, dict[str, None]] = {name: {} for name in _KINDS}
    for entry in entries:
        for found in found_in(entry, threshold):
            labels[_tag(found)][found.label] = None
    tags = {"heat": "BrushLabels", "boxes": "RectangleLabels", "points": "KeyPointLabels"}
    lines = ['<View>\n  <Text name="prompt" value="$prompt"/>\n  <Text name="answer" value="$answer"/>']
    lines.append('  <Image name="image" value="$image" zoom="true"/>')
    for name, each in labels.items():
        if each:
            inside = "".join(f"\n    <Label value={quoteattr(label)}/>" for label in each)
            lines.append(f'  <{tags[name]} name="{name}" toName="image">{inside}\n  </{tags[name]}>')
    return "\n".join([*lines, "</View>\n"])


def _tag(found: Found) -> str:
    return "heat" if found.kind == "heat" else "boxes" if len(found.pixels) == 4 else "points"


def _result(found: Found, number: int, size: tuple[int, int]) -> dict[str, Any]:
    (width, height), tag = size, _tag(found)
    if found.region is not None:
        value: dict[str, Any] = {"format": "rle", "rle": brush(found.region.mask)}
    else:
        left, top = 100 * found.pixels[0] / width, 100 * found.pixels[1] / height
        value = {"x": left, "y": top, "width": _POINT_WIDTH}
        if len(found.pixels) == 4:
            right, bottom = 100 * found.pixels[2] / width, 100 * found.pixels[3] / height
            value |= {"width": right - left, "height": bottom - top, "rotation": 0}
    return {
        "id": f"{tag}-{number}",
        "from_name": tag,
        "to_name": "image",
        "type": _KINDS[tag],
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "score": found.score,
        "value": value | {_KINDS[tag]: [found.label]},
    }
