"""What may be a box or a point, before anybody has looked at its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.analysis.boxes.numbers import Number, NumberList, Span

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


def boxes_in(listed: NumberList, label: str, where: Span | None) -> Iterator[Found]:
    """Boxes of four numbers, or of two groups of two; a single group of two is a point."""
    groups = listed.groups
    if len(groups) > 1 and all(len(group) == 2 for group in groups) and len(groups) % 2 == 0:
        groups = tuple((*first, *second) for first, second in zip(groups[::2], groups[1::2], strict=True))
    yield from _each(listed, groups, label, where)


def points_in(listed: NumberList, label: str, where: Span | None) -> Iterator[Found]:
    """Points of two numbers each; a "point" of four is none."""
    groups = listed.groups
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
