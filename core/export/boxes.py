"""Boxes of an answer -> JSON and CSV: what is written, where it lies in the picture, and the heat there."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.analysis.boxes import Box, BoxMeasures, boxes_of, measure
from core.export.tables import Digits, csv_text, digits
from core.schema import ExplainResult
from core.schema.request import IMPORTED

_PLACES = {"box": ("left", "top", "right", "bottom"), "point": ("x", "y")}


def describe_boxes(result: ExplainResult) -> dict[str, Any]:
    """For the description of a result: its answer's boxes, with the heat that the map that was asked for has in them.

    Returns:
        Fields "boxes" and "boxes_notes"; none at all where the answer holds no boxes, as before they were read.
    """
    found = boxes_of(result)
    if not found.each and not found.notes:
        return {}
    heat = result.headline
    return {"boxes": [_described(box, measure(box, heat)) for box in found.each], "boxes_notes": list(found.notes)}


def _described(box: Box, measures: BoxMeasures | None) -> dict[str, Any]:
    written = box.written
    return {
        "kind": written.kind,
        "label": written.label,
        "written": list(written.values),
        "characters": list(written.span),
        "pixels": None if box.pixels is None else dict(zip(_PLACES[written.kind], box.pixels, strict=True)),
        "notes": list(box.notes),
        **({} if measures is None else asdict(measures)),
    }


def boxes_csv(result: ExplainResult) -> str:
    """One line for each box and each map, companions included; "" where the answer holds no boxes.

    `left` and `top` of a point are where it is; the last two corners are empty. A box without a place in the picture,
    or without an area, has no numbers, and `notes` says why. `layer` is empty for a method with one map in all.
    """
    found = boxes_of(result)
    if not found.each:
        return ""
    origin = (IMPORTED,) if result.request.origin else ()
    corners, measures = ("left", "top", "right", "bottom"), tuple(BoxMeasures.__dataclass_fields__)
    titles = ("box", "kind", "label", *corners, "method", "layer", *measures, "notes", *(["origin"] if origin else []))
    return csv_text(titles, ((*line, *origin) for line in _lines(result, found.each, found.notes)))


def _lines(result: ExplainResult, boxes: tuple[Box, ...], notes: tuple[str, ...]) -> Iterator[tuple]:
    for number, box in enumerate(boxes, 1):
        places = [digits(value, ".2f") for value in box.pixels or ()]
        places += [Digits("")] * (4 - len(places))
        said = " ".join((*box.notes, *(notes if box.pixels is None else ())))
        for each in (result, *result.companions.values()):
            for layer in each.request.maps:
                found = measure(box, each.at(layer))
                values = (None,) * 4 if found is None else asdict(found).values()
                told = [Digits("") if value is None else digits(value) for value in values]
                yield (
                    *(number, box.written.kind, box.written.label, *places, each.request.method),
                    *("" if layer is None else layer, *told, said),
                )
