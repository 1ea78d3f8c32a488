"""How values show themselves in a notebook or a log: one line of what tells them apart, however much they hold.

Never arrays, modules or texts of any length. Built by every `__repr__` of this project.
"""

from collections.abc import Sequence
from typing import Any

from core.errors import shown
from core.schema.model_parts import PARTS
from core.schema.visible_text import visible

LONGEST_TEXT = 60
"""Characters of a person's or a model's text that are shown of it."""
_MOST_NAMED = 4


def one_line(value: Any, *facts: str) -> str:
    """ "<Kind: fact; fact>", without the facts that are empty; the kind is the value's own class."""
    told = "; ".join(fact for fact in facts if fact)
    return f"<{type(value).__name__}: {told}>" if told else f"<{type(value).__name__}>"


def quoted(text: Any, limit: int = LONGEST_TEXT) -> str:
    """Text between quotation marks, on one line, cut, and with its invisible characters named."""
    if not isinstance(text, str):
        return shown(text)
    line = visible(" ".join(text[: 4 * limit].split())) + ("…" if len(text) > 4 * limit else "")
    return f'"{shortened(line, limit)}"'


def shortened(text: str, limit: int) -> str:
    """Text cut to a number of characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[:limit].rstrip() + "…"


def request_line(request: Any) -> str:
    """The line of an `ExplainRequest`, which is made of the values in it."""
    words, video = PARTS[request.part], f"a video of {counted(request.frames, 'frame')}"
    return one_line(
        request,
        quoted(request.prompt),
        video if request.is_video else counted(len(request.all_images), "picture"),
        request.method,
        numbered(request.layers, words.one, words.many),
        shortened(visible(request.target.describe()), 2 * LONGEST_TEXT),
        counted(request.num_samples, "sample"),
    )


def counted(count: int, one: str, many: str | None = None) -> str:
    """ "1 layer" or "8 layers"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def named(names: Sequence[str]) -> str:
    """A few names with commas between them; of many the first ones and how many more."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def numbered(numbers: Sequence[int], one: str, many: str | None = None) -> str:
    """ "layer 5", "layers 0 to 7", "layers 0, 3, 7" or "12 layers from 0 to 35"; "" for none.

    Args:
        numbers: ascending.
    """
    many = many or one + "s"
    if len(numbers) <= 1:
        return "".join(f"{one} {number}" for number in numbers)
    first, last = numbers[0], numbers[-1]
    if last - first == len(numbers) - 1:
        return f"{many} {first} to {last}"
    if len(numbers) <= _MOST_NAMED:
        return f"{many} {', '.join(map(str, numbers))}"
    return f"{len(numbers)} {many} from {first} to {last}"


def cells(grid: tuple[int, int]) -> str:
    """ "6 x 9 cells": rows and columns."""
    return f"{grid[0]} x {grid[1]} cells"


def lasting(seconds: float) -> str:
    """ "0.42 s"."""
    return f"{seconds:.3g} s"
