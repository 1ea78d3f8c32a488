"""What interventions found: plain values for pages, files and the result store. No torch here.

An intervention changes what the model is given and asks it again. What it finds is therefore measured, not estimated
from a gradient.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.analysis.regions import Region
from core.errors import InputError
from core.interventions.removal import Cell, Removal
from core.schema.checks import check_choice, check_list
from core.schema.one_line import counted, one_line, quoted


@dataclass(frozen=True)
class Fill:
    """What stands in the place of what is removed.

    Attributes:
        title: a name for people.
        sentence: what it is made of.
    """

    title: str
    sentence: str


FILL_WORDS: dict[str, Fill] = {
    "blur": Fill("Blur", "What is around, blurred until no shape is left (Petsiuk et al. 2018, RISE)."),
    "mean": Fill("Mean colour", "The mean colour of what is around (Zeiler and Fergus 2014)."),
    "noise": Fill("Noise", "Specks whose colours are drawn by chance from what is around."),
}
"""Name -> the fill, for people. No fill is neutral: what all of them agree on is due to what was removed."""

FILLS: tuple[str, ...] = tuple(FILL_WORDS)


@dataclass(frozen=True)
class TokenChange:
    """A token of the old answer, before and after.

    Attributes:
        text: as it reads.
        before, after: its probability, 0 to 1, each time after the true tokens before it.
    """

    text: str
    before: float
    after: float


@dataclass(frozen=True)
class Intervention:
    """What one fill in the place of what was removed came to.

    Attributes:
        fill: a name of `FILLS`.
        answer: what the model says then.
        changed: whether that is another answer than of the whole picture.
        tokens: those of the answer that is explained.
        log_p_before, log_p_after: natural logarithm of the probability of all of them together.
    """

    fill: str
    answer: str
    changed: bool
    tokens: tuple[TokenChange, ...]
    log_p_before: float
    log_p_after: float

    def __repr__(self) -> str:
        change = self.log_p_after - self.log_p_before
        return one_line(self, self.fill, quoted(self.answer), f"log probability of what was said {change:+.3g}")


@dataclass(frozen=True)
class WhatIf:
    """What the model says without a part of a picture, or with nothing but that part.

    Attributes:
        region: the part; None where it is `cells`.
        cells: the part; () where it is `region`.
        keep: whether only the part is kept; else it is removed.
        picture: which of the prompt's pictures, from 0; the others stay as they are.
        share: of that picture's area that was removed, 0 to 1.
        old_answer: what the model says of the whole picture.
        sentence: the sentence whose tokens are explained in place of that; None for the answer itself.
        interventions: one a fill.
    """

    region: Region | None
    cells: tuple[Cell, ...]
    keep: bool
    picture: int
    share: float
    old_answer: str
    interventions: tuple[Intervention, ...]
    sentence: str | None = None

    def __repr__(self) -> str:
        part = f"{self.share:.0%} of the picture removed"
        changed = f"another answer with {self.changed} of {counted(len(self.interventions), 'fill')}"
        return one_line(self, quoted(self.old_answer), part, changed)

    @property
    def removal(self) -> Removal:
        """What was removed."""
        return Removal(self.region, self.cells, self.keep, self.picture)

    @property
    def explained(self) -> str:
        """The text whose tokens are followed."""
        return self.old_answer if self.sentence is None else self.sentence

    @property
    def changed(self) -> int:
        """How many fills changed the answer."""
        return sum(each.changed for each in self.interventions)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        return {
            "region": None if self.region is None else [list(corner) for corner in self.region.corners],
            "cells": [list(cell) for cell in self.cells],
            "keep": self.keep,
            "picture": self.picture,
            "share": self.share,
            "old_answer": self.old_answer,
            "sentence": self.sentence,
            "interventions": [
                vars(each) | {"tokens": [vars(token) for token in each.tokens]} for each in self.interventions
            ],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "WhatIf":
        """The inverse of `to_dict`, also after a round through JSON.

        Args:
            values: what `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError, InputError: it was written by another version.
        """
        region = values["region"]
        return cls(
            region=None if region is None else Region(tuple((float(x), float(y)) for x, y in region)),
            cells=tuple((int(row), int(column)) for row, column in values["cells"]),
            keep=bool(values["keep"]),
            picture=int(values["picture"]),
            share=float(values["share"]),
            old_answer=str(values["old_answer"]),
            sentence=values["sentence"],
            interventions=tuple(
                Intervention(**each | {"tokens": tuple(TokenChange(**token) for token in each["tokens"])})
                for each in values["interventions"]
            ),
        )


def check_fills(fills: Sequence[str]) -> tuple[str, ...]:
    """The names of fills, each once.

    Raises:
        InputError: there is none, or one of another name.
    """
    named = [fills] if isinstance(fills, str) else check_list("Fills", fills, len(FILLS))
    for fill in named:
        check_choice("fill", fill, FILLS)
    if not named:
        raise InputError(f"No fill was chosen. Choose one or more of: {', '.join(FILLS)}.")
    return tuple(dict.fromkeys(named))
