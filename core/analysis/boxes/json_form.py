"""Boxes in JSON, fenced, bare or cut off: [{"bbox_2d": [x1, y1, x2, y2], "label": "cat"}], "point_2d", "box_2d".

What surrounds a list is read as far as it is well formed, so that text around it does no harm.
"""

import json
import re
from collections.abc import Iterator

from core.analysis.boxes.found import LONGEST_LABEL, Found, boxes_in, points_in
from core.analysis.boxes.numbers import COMMA, LIST, Span, read_list

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_LISTED = re.compile(
    rf'"(?P<key>bbox_2d|box_2d|bbox|box|bounding_box|point_2d|point|points_2d|points)"\s*+:\s*+(?P<list>{LIST})'
)
_PAIR = re.compile(rf"(?P<key>{_STRING})\s*+:\s*+(?:(?P<text>{_STRING})|{LIST}|[-+.\w]++)", re.DOTALL)
_OPEN = re.compile(r"\{\s*+")
_LABELS = ("label", "text_content", "name", "category", "object", "class", "caption", "description", "text")
_REACH = 2_000
"""Characters before and after a list in which the other fields of its object are looked for."""


def json_boxes(text: str) -> Iterator[Found]:
    """Those of a text, in order."""
    keys = list(_LISTED.finditer(text))
    for number, key in enumerate(keys):
        before = keys[number - 1].end() if number else 0
        after = keys[number + 1].start() if number + 1 < len(keys) else len(text)
        listed = read_list(text, key.start("list"), key.end("list"))
        fields = _fields_before(text, max(before, key.start() - _REACH), key.start())
        if listed.is_closed:
            fields |= _fields_after(text, listed.span[1], min(after, listed.span[1] + _REACH))
        named = next((fields[name] for name in _LABELS if name in fields), ("", None))
        if key["key"].startswith("point"):
            yield from points_in(listed, *named)
        else:
            yield from boxes_in(listed, *named)


def _fields_before(text: str, first: int, stop: int) -> dict[str, tuple[str, Span]]:
    """Texts of the fields between the brace that opens an object and `stop`."""
    at = stop
    for _ in range(3):  # a brace may be part of a text
        at = text.rfind("{", first, at)
        if at < 0:
            break
        found, where = {}, _OPEN.match(text, at).end()
        while where < stop and (pair := _PAIR.match(text, where, stop)) is not None:
            found |= _told(pair)
            comma = COMMA.match(text, pair.end(), stop)
            where = comma.end() if comma else pair.end()
            if not comma:
                break
        if where == stop:
            return found
    return {}


def _fields_after(text: str, at: int, stop: int) -> dict[str, tuple[str, Span]]:
    """Texts of the fields that follow, as far as an object goes on."""
    found: dict[str, tuple[str, Span]] = {}
    while (comma := COMMA.match(text, at, stop)) is not None:
        pair = _PAIR.match(text, comma.end(), stop)
        if pair is None:
            break
        found = _told(pair) | found
        at = pair.end()
    return found


def _told(pair: re.Match[str]) -> dict[str, tuple[str, Span]]:
    if pair["text"] is None:
        return {}
    start, stop = pair.span("text")
    return {_plain(pair["key"]): (_plain(pair["text"])[:LONGEST_LABEL], (start + 1, stop - 1))}


def _plain(quoted: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
