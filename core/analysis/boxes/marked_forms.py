"""Boxes between marks or made of them.

marked       Qwen-VL's <|object_ref_start|>cat<|object_ref_end|><|box_start|>(x1,y1),(x2,y2)<|box_end|>, InternVL's
             <ref>cat</ref><box>[[x1, y1, x2, y2]]</box>, GLM's <|begin_of_box|>[x1,y1,x2,y2]<|end_of_box|>
loc          PaliGemma's <loc0123><loc0456><loc0789><loc1000> cat, which are y1, x1, y2, x2 of 1024
"""

import re
from collections.abc import Iterator, Sequence

from core.analysis.boxes.found import LONGEST_LABEL, Found, boxes_in
from core.analysis.boxes.numbers import COMMA, Number, NumberList, read_list

_MARK = re.compile(
    r"<\|object_ref_start\|>(?P<ref>[^<]*+)(?:<\|object_ref_end\|>)?+|<ref>(?P<tag>[^<]*+)(?:</ref>)?+"
    r"|<\|box_start\|>(?P<box>[^<]*+)|<box>(?P<inner>[^<]*+)|<\|begin_of_box\|>(?P<said>[^<]*+)"
)
_BETWEEN = re.compile(r"(?:<\|box_end\|>|</box>|<\|end_of_box\|>|[\s,;])*+")
_BRACKET = re.compile(r"\s*+(?P<list>[\[(])")


def marked_boxes(text: str) -> Iterator[Found]:
    """Those of a text, in order. A label is that of the boxes which follow it at once."""
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
        yield from boxes_in(_joined(listed), label, where)


def _lists(text: str, start: int, stop: int) -> Iterator[NumberList]:
    while start < stop and (bracket := _BRACKET.match(text, start, stop)) is not None:
        listed = read_list(text, bracket.start("list"), stop)
        yield listed
        comma = COMMA.match(text, listed.span[1], stop)
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


_LOC = re.compile(r"(?P<locs>(?:<loc\d{4}>)++)(?:<seg\d{3}>)*+\s*+(?P<label>[^;<\n]*+)")
_DIGITS = re.compile(r"<loc(\d{4})>")


def loc_boxes(text: str) -> Iterator[Found]:
    """Those of a text, in order."""
    for found in _LOC.finditer(text):
        numbers = tuple(Number(float(each[1]), each.span()) for each in _DIGITS.finditer(text, *found.span("locs")))
        label = found["label"].rstrip()
        start = found.start("label")
        yield Found(numbers, found.span("locs"), label[:LONGEST_LABEL], (start, start + len(label)), False, is_loc=True)
