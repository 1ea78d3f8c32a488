"""What each word of an answer rests on: plain values for pages, files and the result store. No torch here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.interventions.report import check_fills
from core.schema.answer import Answer, Token
from core.schema.one_line import counted, one_line, quoted
from core.schema.words import words_of

HARDLY = math.log(4 / 3)
"""Nats below which what was taken away hardly matters: a word keeps three quarters of its probability."""
DECISIVE = math.log(100)
"""Nats from which on a word cannot do without it: a word that is a hundred times less likely is not said. How much less
than that tells nothing more."""

Kind = Literal["picture hardly matters", "rests on the picture", "rests on the question", "rests on the answer so far"]
KINDS: tuple[Kind, ...] = get_args(Kind)


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
