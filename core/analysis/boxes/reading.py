"""An answer's text -> the boxes and points in it, as they are written there: numbers, labels, and where they stand.

The forms are those of Qwen, InternVL, Gemma, GLM and PaliGemma; see `json_form` and `marked_forms` beside this module.
Text without any of them holds none: four numbers in a sentence are no box. Time is linear in the length of the text.
"""

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from core.analysis.boxes.found import Found
from core.analysis.boxes.json_form import json_boxes
from core.analysis.boxes.marked_forms import loc_boxes, marked_boxes
from core.analysis.boxes.numbers import Span
from core.schema import Answer
from core.schema.checks import check_instance

_FORMS = (json_boxes, marked_boxes, loc_boxes)

MOST_BOXES = 200
"""Of one answer that are read; the others are counted."""


@dataclass(frozen=True)
class WrittenBox:
    """A box or a point as an answer writes it.

    Attributes:
        kind: "box" of four numbers, or "point" of two.
        label: what it is said to be, plain text; "" where nothing is said.
        values: the numbers, in the order in which they are written; finite.
        span: characters of the answer's text from the first number to the last, with the brackets around them.
        coordinates: those of each number.
        label_span: those of the label; None where there is none.
        is_loc: whether the numbers are PaliGemma's, which are of 1024, downwards first, whatever the model.
    """

    kind: str
    label: str
    values: tuple[float, ...]
    span: Span
    coordinates: tuple[Span, ...]
    label_span: Span | None = None
    is_loc: bool = False


@dataclass(frozen=True)
class Reading:
    """What was read of an answer.

    Attributes:
        boxes: in the order of the text.
        notes: what people should know of what was left out, a sentence each.
    """

    boxes: tuple[WrittenBox, ...]
    notes: tuple[str, ...] = ()


def find_boxes(answer: Answer | str) -> Reading:
    """The boxes and points that an answer holds.

    Args:
        answer: or its text alone. Of an answer, its control tokens are read as well (`<|box_start|>`), which are no
            part of its text; spans are of the text without them. What is only thought is left out.

    Raises:
        InputError: it is neither.
    """
    check_instance("The answer", answer, Answer | str, "an Answer or text")
    text, origins = _with_control_tokens(answer) if isinstance(answer, Answer) else (answer, _same)
    first = _said_from(answer) if isinstance(answer, Answer) else 0
    founds = sorted((found for form in _FORMS for found in form(text)), key=lambda found: found.start)
    boxes: list[WrittenBox] = []
    count = odd = broken = cut = 0
    for found in founds:
        if origins(found.start) < first:
            continue
        if found.is_cut:
            cut += 1
        elif len(found.numbers) not in (2, 4):
            odd += 1
        elif not all(abs(number.value) < float("inf") for number in found.numbers):
            broken += 1
        else:
            count += 1
            if count <= MOST_BOXES:
                boxes.append(_written(found))
    return Reading(tuple(_moved(box, origins) for box in boxes), tuple(_notes(count, odd, broken, cut)))


def _notes(count: int, odd: int, broken: int, cut: int) -> Iterator[str]:
    if count > MOST_BOXES:
        yield f"The answer holds {count:,} boxes and points; the first {MOST_BOXES} are read."
    if odd:
        yield f"Left out: {odd:,} with another number of coordinates than a box's four or a point's two."
    if broken:
        yield f"Left out: {broken:,} with a coordinate that is no number, or too large for one."
    if cut:
        yield "Left out: the last one, within which the answer was cut off."


def _written(found: Found) -> WrittenBox:
    return WrittenBox(
        kind="box" if len(found.numbers) == 4 else "point",
        label=found.label.strip(),
        values=tuple(number.value for number in found.numbers),
        span=found.span,
        coordinates=tuple(number.span for number in found.numbers),
        label_span=found.label_span if found.label.strip() else None,
        is_loc=found.is_loc,
    )


def _said_from(answer: Answer) -> int:
    """Where the text begins that follows the thought."""
    said = answer.tokens[answer.said.start :] if answer.said.start else ()
    return said[0].start if said else 0


def _same(at: int) -> int:
    return at


def _with_control_tokens(answer: Answer) -> tuple[str, Callable[[int], int]]:
    """An answer's text with its control tokens where they stand, and what brings positions back to its own text."""
    text = answer.text
    control = [(token.start, token.text) for token in answer.tokens if token.start == token.stop and token.text.strip()]
    if not answer.control_tokens:  # nor is there any in an answer that was kept without the places of its tokens
        return text, _same
    pieces, last = [], 0
    for at, words in sorted(control, key=lambda each: each[0]):  # stable: tokens at one place stay in their order
        pieces += [text[last:at], words]
        last = at
    pieces.append(text[last:])
    return "".join(pieces), _Origins(tuple(accumulate(map(len, pieces), initial=0)))


@dataclass(frozen=True)
class _Origins:
    """Positions in a text with control tokens -> in the text without: every second of its pieces is one.

    Attributes:
        edges: where each piece begins, and where the last one ends.
    """

    edges: tuple[int, ...]

    def __call__(self, at: int) -> int:
        piece = min(bisect.bisect_right(self.edges, at), len(self.edges) - 1) - 1
        plain = sum(self.edges[i + 1] - self.edges[i] for i in range(0, piece, 2))
        return plain if piece % 2 else plain + at - self.edges[piece]


def _moved(box: WrittenBox, origins: Callable[[int], int]) -> WrittenBox:
    def moved(span: Span) -> Span:
        return origins(span[0]), origins(span[1])

    label = None if box.label_span is None else moved(box.label_span)
    return replace(box, span=moved(box.span), coordinates=tuple(map(moved, box.coordinates)), label_span=label)
