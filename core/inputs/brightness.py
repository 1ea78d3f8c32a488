"""Which of a picture's own values become black and white, where it holds more than 8 bits a channel."""

import re
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from core.errors import InputError, shown
from core.schema.checks import check_choice, check_instance

Kind = Literal["auto", "full", "percentiles", "range"]
KINDS: tuple[str, ...] = get_args(Kind)

LARGEST = 3.4e38
"""No file holds greater values."""

_LONGEST = 100  # characters of a range

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})", re.IGNORECASE)


@dataclass(frozen=True)
class Brightness:
    """How the values of a picture with more than 8 bits a channel become 0 (black) to 255 (white).

    Attributes:
        kind: "auto" as the file says, else by percentiles; "full" the whole range of what the file can hold;
            "percentiles" the file's own values, but for the outermost of a thousand on either side;
            "range" from `low` to `high`.
        low, high: of "range" alone, in the file's own values: what becomes black, and what becomes white.

    Raises:
        InputError: there is no such kind, or the range is none.
    """

    kind: Kind = "auto"
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_choice("brightness", self.kind, KINDS)
        given = (self.low, self.high)
        if self.kind != "range":
            if given != (None, None):
                raise InputError(f'Darkest and brightest value belong to the brightness "range", not to "{self.kind}".')
            return
        if not all(isinstance(each, Real) and not isinstance(each, bool) for each in given):
            raise InputError('The brightness "range" needs two numbers: the value that becomes black, and white.')
        if not -LARGEST <= self.low < self.high <= LARGEST:
            low, high = map(shown, given)
            raise InputError(f"Brightness from {low} to {high} is no range. Give two numbers, the smaller first.")
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    @classmethod
    def parse(cls, text: str) -> "Brightness":
        """What a command line says: "auto", "full", "percentiles", or a range such as "0..4095".

        Args:
            text: one of those; of a range, the value that becomes black and the one that becomes white.

        Raises:
            InputError: it says none of them.
        """
        check_instance("A brightness", text, str, "text such as 0..4095")
        text = text.strip()
        # Longer ones are none, and would take their time to be told so.
        if found := _RANGE.fullmatch(text) if len(text) <= _LONGEST else None:
            return cls("range", float(found[1]), float(found[2]))
        if text in KINDS and text != "range":
            return cls(text)
        raise InputError(
            f"{shown(text)} is no brightness. Give auto, full, percentiles, or the values that become black and "
            "white, such as 0..4095."
        )

    def __str__(self) -> str:
        """As `parse` reads it."""
        return self.kind if self.kind != "range" else f"{self.low!r}..{self.high!r}"


AUTO = Brightness()
