"""What interventions found: plain values for pages, files and the result store. No torch here.

An intervention changes what the model is given and asks it again. What it finds is therefore measured, not estimated
from a gradient.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.analysis.regions import Region
from core.errors import InputError
from core.interventions.removal import Cell, Removal
from core.schema.answer import Answer, Token
from core.schema.checks import check_choice, check_list
from core.schema.one_line import counted, one_line, quoted
from core.schema.words import words_of


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

HARDLY = math.log(4 / 3)
"""Nats below which what was taken away hardly matters: a word keeps three quarters of its probability."""
DECISIVE = math.log(100)
"""Nats from which on a word cannot do without it: a word that is a hundred times less likely is not said. How much less
than that tells nothing more."""

Kind = Literal["picture hardly matters", "rests on the picture", "rests on the question", "rests on the answer so far"]
KINDS: tuple[Kind, ...] = get_args(Kind)


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


@dataclass(frozen=True)
class TokenReliance:
    """By how much a token's log-probability falls when something that it may rest on is taken away, in nats.

    Below 0 where the token gets likelier.

    Attributes:
        text: as it reads.
        start, stop: where it stands in the answer, in characters.
        picture: without the pictures, by each fill.
        question: without the question.
        so_far: without what the answer says before it.
    """

    text: str
    start: int
    stop: int
    picture: tuple[float, ...]
    question: float
    so_far: float

    @property
    def picture_mean(self) -> float:
        """Mean over the fills."""
        return sum(self.picture) / len(self.picture)


@dataclass(frozen=True)
class WordReliance:
    """What a word of the answer rests on: sums over its tokens, in nats; see `TokenReliance`.

    Attributes:
        text: as it reads in the answer.
        start: its first answer token.
        stop: one past its last one.
        picture: without the pictures, mean over the fills.
        question: without the question.
        so_far: without what the answer says before it.
    """

    text: str
    start: int
    stop: int
    picture: float
    question: float
    so_far: float

    @property
    def kind(self) -> Kind:
        """What it rests on most; of several that it cannot do without, the picture before the question before the rest.

        That the picture hardly matters is said first, whatever else does.
        """
        if self.picture < HARDLY:
            return "picture hardly matters"
        picture, question, so_far = (min(each, DECISIVE) for each in (self.picture, self.question, self.so_far))
        if picture >= max(question, so_far):
            return "rests on the picture"
        return "rests on the question" if question >= so_far else "rests on the answer so far"


@dataclass(frozen=True)
class Reliance:
    """What each token of an answer rests on.

    Attributes:
        answer: its text.
        fills: those that stood in the pictures' place, in the order of `TokenReliance.picture`.
        tokens: of the answer.
    """

    answer: str
    fills: tuple[str, ...]
    tokens: tuple[TokenReliance, ...]

    def __repr__(self) -> str:
        return one_line(self, quoted(self.answer), counted(len(self.tokens), "token"), ", ".join(self.fills))

    def words(self) -> tuple[WordReliance, ...]:
        """The same of whole words, in order; see `core.schema.words.words_of`."""
        answer = Answer(self.answer, tuple(Token(0, each.text, 1.0, (), each.start, each.stop) for each in self.tokens))
        return tuple(_of_word(word.text, word.start, word.stop, self.tokens) for word in words_of(answer))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        tokens = [vars(token) | {"picture": list(token.picture)} for token in self.tokens]
        return {"answer": self.answer, "fills": list(self.fills), "tokens": tokens}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Reliance":
        """The inverse of `to_dict`, also after a round through JSON.

        Args:
            values: what `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError, InputError: it was written by another version.
        """
        fills = check_fills(values["fills"])
        tokens = tuple(TokenReliance(**each | {"picture": tuple(each["picture"])}) for each in values["tokens"])
        if any(len(token.picture) != len(fills) for token in tokens):
            raise ValueError("a token's values are not those of the fills")
        return cls(str(values["answer"]), fills, tokens)


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


def _of_word(text: str, start: int, stop: int, tokens: Sequence[TokenReliance]) -> WordReliance:
    own = tokens[start:stop]
    return WordReliance(
        text,
        start,
        stop,
        picture=sum(each.picture_mean for each in own),
        question=sum(each.question for each in own),
        so_far=sum(each.so_far for each in own),
    )
