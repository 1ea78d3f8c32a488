"""Every error meant for people, drawn once.

    ExplainError
    ├── InputError        what was given cannot be used: the sentence says why and what to do
    │   ├── ImageError    ... the picture
    │   ├── VideoError    ... the video
    │   └── PromptError   ... the prompt
    ├── ModelError        a model folder or id cannot be used
    ├── OutOfMemoryError  the device is too small for the answer or for even one noise sample
    ├── WorkersLost       nothing is there that could compute it
    └── Cancelled         the person who asked has stopped the run

Each message is one or two sentences that a page or a terminal can show as they are.
"""

from typing import Any

_LONGEST_SHOWN = 80


class ExplainError(Exception):
    """Base of everything that this project raises on purpose."""


class InputError(ExplainError):
    """A parameter, picture or prompt that cannot be used as given."""


class ImageError(InputError):
    """A picture that cannot be read, or is too large, too thin or not a picture at all."""


class VideoError(InputError):
    """A video that cannot be read, is too large or too long, or no video at all.

    Attributes:
        whole: of one that breaks off, until which second it can be used; None otherwise.
    """

    whole: float | None = None


class PromptError(InputError):
    """A prompt that is empty or too long."""


class ModelError(ExplainError):
    """A model that is missing, unsafe to load, or not a supported vision-language model."""


class OutOfMemoryError(ExplainError):
    """The device has no room for the answer, or for a single noise sample."""


class WorkersLost(ExplainError):
    """No worker process is left, or the work kills every one that takes it."""


class Cancelled(ExplainError):
    """The run was stopped by whoever asked for it; finished work is kept."""


def shown(value: Any) -> str:
    """A value as a sentence names it: cut where it is long, and in no case an error of its own."""
    try:
        text = repr(value)
    except Exception:  # whoever wrote the class of a stranger's value decides what its repr does
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN].rstrip()}…"
