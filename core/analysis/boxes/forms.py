"""The forms in which models write boxes: one function a form, text -> what it finds there, in order.

json         [{"bbox_2d": [x1, y1, x2, y2], "label": "cat"}], "point_2d", Gemma's "box_2d"; fenced, bare or cut off
marked       Qwen-VL's <|object_ref_start|>cat<|object_ref_end|><|box_start|>(x1,y1),(x2,y2)<|box_end|>, InternVL's
             <ref>cat</ref><box>[[x1, y1, x2, y2]]</box>, GLM's <|begin_of_box|>[x1,y1,x2,y2]<|end_of_box|>
loc          PaliGemma's <loc0123><loc0456><loc0789><loc1000> cat, which are y1, x1, y2, x2 of 1024
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.analysis.boxes.numbers import LIST, Number, NumberList, Span, read_list

LONGEST_LABEL = 300
"""Characters of a label that are read."""


@dataclass(frozen=True)
class Found:
    """What may be a box or a point.

    Attributes:
        numbers: four, two, or another number that makes none.
        span: of all of them, with their brackets.
        is_cut: whether the text ends within it.
    """

    numbers: tuple[Number, ...]
    span: Span
    label: str = ""
    label_span: Span | None = None
    is_cut: bool = False
    is_loc: bool = False

    @property
    def start(self) -> int:
        """Where it stands."""
        return self.span[0]


# -- JSON: what surrounds a list is read as far as it is well formed, so that text around it does no harm --

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_LISTED = re.compile(
    rf'"(?P<key>bbox_2d|box_2d|bbox|box|bounding_box|point_2d|point|points_2d|points)"\s*+:\s*+(?P<list>{LIST})'
)
_PAIR = re.compile(rf"(?P<key>{_STRING})\s*+:\s*+(?:(?P<text>{_STRING})|{LIST}|[-+.\w]++)", re.DOTALL)
_COMMA = re.compile(r"\s*+,\s*+")
_OPEN = re.compile(r"\{\s*+")
_LABELS = ("label", "text_content", "name", "category", "object", "class", "caption", "description", "text")
_REACH = 2_000
"""Characters before and after a list in which the other fields of its object are looked for."""


def json_boxes(text: str) -> Iterator[Found]:
    """See above."""
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
            yield from _points(listed, *named)
        else:
            yield from _boxes(listed, *named)


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
            comma = _COMMA.match(text, pair.end(), stop)
            where = comma.end() if comma else pair.end()
            if not comma:
                break
        if where == stop:
            return found
    return {}


def _fields_after(text: str, at: int, stop: int) -> dict[str, tuple[str, Span]]:
    """Texts of the fields that follow, as far as an object goes on."""
    found: dict[str, tuple[str, Span]] = {}
    while (comma := _COMMA.match(text, at, stop)) is not None:
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


# -- between marks --

_MARK = re.compile(
    r"<\|object_ref_start\|>(?P<ref>[^<]*+)(?:<\|object_ref_end\|>)?+|<ref>(?P<tag>[^<]*+)(?:</ref>)?+"
    r"|<\|box_start\|>(?P<box>[^<]*+)|<box>(?P<inner>[^<]*+)|<\|begin_of_box\|>(?P<said>[^<]*+)"
)
_BETWEEN = re.compile(r"(?:<\|box_end\|>|</box>|<\|end_of_box\|>|[\s,;])*+")
_BRACKET = re.compile(r"\s*+(?P<list>[\[(])")


def marked_boxes(text: str) -> Iterator[Found]:
    """See above. A label is that of the boxes which follow it at once."""
    label, where, last = "", None, 0
    for mark in _MARK.finditer(text):
        kind = mark.lastgroup
        start, stop = mark.span(kind)
        if kind in ("ref", "tag"):
            label, where, last = mark[kind].strip()[:LONGEST_LABEL], (start, stop), mark.end()
            continue
        if _BETWEEN.match(text, last).end() < mark.start():
            label, where = "", None
        last = mark.end()
        # GLM puts whatever it answers between such marks: only lists of boxes and points are read.
        listed = [each for each in _lists(text, start, stop) if kind != "said" or _is_boxes(each)]
        if kind == "said" and len(listed) != 1:
            continue
        yield from _boxes(_joined(listed), label, where)


def _lists(text: str, start: int, stop: int) -> Iterator[NumberList]:
    while start < stop and (bracket := _BRACKET.match(text, start, stop)) is not None:
        listed = read_list(text, bracket.start("list"), stop)
        yield listed
        comma = _COMMA.match(text, listed.span[1], stop)
        start = comma.end() if comma else listed.span[1]


def _is_boxes(listed: NumberList) -> bool:
    sizes = {len(group) for group in listed.groups}
    # A pair in single brackets may be anything, such as from where to where.
    return sizes == {4} or (sizes == {2} and listed.groups[0][0].span[0] > listed.span[0] + 1)


def _joined(lists: Sequence[NumberList]) -> NumberList:
    """(x1,y1),(x2,y2) as one."""
    if not lists:
        return NumberList((), (0, 0))
    groups, last = tuple(group for each in lists for group in each.groups), lists[-1]
    return NumberList(groups, (lists[0].span[0], last.span[1]), last.is_closed, last.is_cut)


# -- PaliGemma's --

_LOC = re.compile(r"(?P<locs>(?:<loc\d{4}>)++)(?:<seg\d{3}>)*+\s*+(?P<label>[^;<\n]*+)")
_DIGITS = re.compile(r"<loc(\d{4})>")


def loc_boxes(text: str) -> Iterator[Found]:
    """See above."""
    for found in _LOC.finditer(text):
        numbers = tuple(Number(float(each[1]), each.span()) for each in _DIGITS.finditer(text, *found.span("locs")))
        label = found["label"].rstrip()
        start = found.start("label")
        yield Found(numbers, found.span("locs"), label[:LONGEST_LABEL], (start, start + len(label)), False, is_loc=True)


# -- numbers in groups --


def _boxes(listed: NumberList, label: str, where: Span | None) -> Iterator[Found]:
    """Boxes of four numbers, or of two groups of two; a single group of two is a point."""
    groups = listed.groups
    if len(groups) > 1 and all(len(group) == 2 for group in groups) and len(groups) % 2 == 0:
        groups = tuple((*first, *second) for first, second in zip(groups[::2], groups[1::2], strict=True))
    yield from _each(listed, groups, label, where)


def _points(listed: NumberList, label: str, where: Span | None) -> Iterator[Found]:
    groups = listed.groups
    # A "point" of four numbers is none.
    yield from _each(listed, tuple(group if len(group) == 2 else group[:1] for group in groups), label, where)


def _each(
    listed: NumberList, groups: tuple[tuple[Number, ...], ...], label: str, where: Span | None
) -> Iterator[Found]:
    for number, group in enumerate(groups):
        is_last = number == len(groups) - 1
        # Brackets around a single group are its own; of several, each is told from its first digit to its last.
        span = listed.span if len(groups) == 1 else (group[0].span[0], group[-1].span[1])
        is_broken = is_last and not listed.is_closed and not listed.is_cut  # by something else than a number
        yield Found(group[:1] if is_broken else group, span, label, where, is_cut=is_last and listed.is_cut)


FORMS: tuple[Callable[[str], Iterator[Found]], ...] = (json_boxes, marked_boxes, loc_boxes)
