"""What the model said, token by token."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """One token of the answer.

    Attributes:
        id: vocabulary index.
        text: as it reads in the answer (a fragment of a character shows as U+FFFD).
        probability: the model's, when it chose the token.
        alternatives: the likeliest other tokens there, (text, probability), likeliest first.
        start, stop: where it stands in `Answer.text`, in characters; start = stop for a special token. All
            fragments of a character have the whole character's span.
    """

    id: int
    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()
    start: int = 0
    stop: int = 0


@dataclass(frozen=True)
class Answer:
    """What the model said: the text and the tokens that are explained.

    `tokens` leaves out the end-of-turn token, unless the model said nothing else.
    """

    text: str
    tokens: tuple[Token, ...]
