"""The steps in which a model sees a video: what one slice of its maps covers in time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.errors import InputError, shown
from core.schema.checks import check_instance, check_list


@dataclass(frozen=True, order=True)
class TimeStep:
    """A span of a video that a model sees as one, such as Qwen's pairs of frames.

    Attributes:
        start, end: seconds from the video's beginning. `end` is when the next step begins, of the last one when
            the video does, so that steps follow each other without gaps.

    Raises:
        InputError: it ends before it begins, or either is no finite number from 0.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        for value in (self.start, self.end):
            if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
                raise InputError(f"A time is a number of seconds from 0, not {shown(value)}.")
        if self.end < self.start:
            raise InputError(f"A step cannot end at {self.end:g} s, before it begins at {self.start:g} s.")

    @property
    def middle(self) -> float:
        """Halfway between start and end, in seconds."""
        return (self.start + self.end) / 2


def check_steps(given: Iterable[TimeStep], count: int) -> tuple[TimeStep, ...]:
    """Returns the steps given if they can be those of `count` slices of a map.

    Raises:
        InputError: there are more or fewer, one is no `TimeStep`, or one begins before the one before it.
    """
    steps = tuple(check_list("The time steps", given, count))
    for step in steps:
        check_instance("A time step", step, TimeStep, "a TimeStep")
    if len(steps) != count:
        raise InputError(f"A map of {count} time steps needs as many TimeSteps, not {len(steps)}.")
    if any(after.start < before.start for before, after in pairwise(steps)):
        raise InputError("The time steps of a video follow each other; one of these begins before the one before it.")
    return steps


def refuse_video(request: Any, what: str) -> None:
    """Refuses a request about a video, for what is made for pictures.

    Args:
        request: an `ExplainRequest`.
        what: begins the sentence, in the singular.

    Raises:
        InputError: the request is about a video.
    """
    if request.is_video:
        raise InputError(f"{what} is for pictures, and this run is of a video. Ask about one of its frames.")
