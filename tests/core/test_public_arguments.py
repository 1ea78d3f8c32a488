"""Every public function, method and class of `core`, given values of wrong type and range: a result or a sentence.

Which there are, and which arguments they take, is told by their signatures (`tests.core.working_arguments`).
"""

import inspect
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest

import core
from core import ExplainError
from tests.arguments import faults
from tests.core.working_arguments import public_calls, working

WORDS: dict[str, str] = {
    **dict.fromkeys(("image", "images", "picture"), "picture|file|prompt|damaged"),
    **dict.fromkeys(("video", "source"), "video|frame|file|folder|picture|result|damaged"),
    **dict.fromkeys(("low", "high"), "brightness"),
    **dict.fromkeys(("heat", "picture_share", "sink_share", "agreement"), "heat|heads"),
    **dict.fromkeys(("ids", "probabilities"), "logit lens"),
    **dict.fromkeys(("base", "tuned", "loaded"), "model"),
    **{"text": "brightness|region|text", "origin": "come from", "size": "width|size", "grid": "rows|grid"},
    **{"prompt": "prompt|message", "conversation": "conversation|turn", "system": "system|turn"},
    **{"role": "role|turn", "content": "turn", "given": "target|words|phrase"},
    **{"target": "target|words|phrase|token", "adapter": "adapter|model"},
    **{
        "instead": "contrast|instead",
        "results": "word",
        "function": "called",
        "seen": "saw",
        "max_new_tokens": "answer",
    },
}
"""Argument -> what sentences call it, where that is not its name."""

TEXTS = ("prompt", "sentence", "system")
READ_TEXTS = ("Explainer.answer", "Explainer.explain", "Explainer.explain_words")
"""What tries every text that a model can be asked or made to say; others hand it to the same code."""
A_FEW_TOKENS = 1_000
"""Characters of a text that is read within a moment."""


def is_tried(call: str, name: str, value: Any) -> bool:
    """Whether a value is tried.

    Texts that a model would read: what is refused always, of others the short ones, once. Folders: in this one alone.
    """
    if name == "folder" and isinstance(value, str | Path) and (Path(value).is_absolute() or ".." in Path(value).parts):
        return False
    is_asked = call.startswith(("Explainer.", "SmoothQwenGradCAM.", "compare_models")) and name in TEXTS
    if (
        not is_asked
        or not isinstance(value, str)
        or not value.strip()
        or len(value) > core.schema.MAX_PROMPT_CHARACTERS
    ):
        return True
    return call in READ_TEXTS and len(value) < A_FEW_TOKENS


def takes_anything(call: str, name: str) -> bool:
    """Whether a parameter may be any value: by its type, or as a field of what the project makes and people read."""
    value = getattr(core, call, None)
    kind = inspect.signature(public_calls()[call]).parameters[name].annotation
    return kind is Any or is_dataclass(value)


@pytest.mark.parametrize("name", public_calls())
def test_wrong_arguments_are_a_result_or_a_sentence(name, explainer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for whatever writes files
    call, arguments = working(name, explainer)
    wrong = faults(
        call,
        arguments,
        words=WORDS,
        is_tried=lambda argument, value: is_tried(name, argument, value),
        takes_anything=lambda argument: takes_anything(name, argument),
    )
    assert not (wrong := list(wrong)), "\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", public_calls())
def test_an_argument_of_another_name_is_refused_by_that_name(name, explainer):
    call, arguments = working(name, explainer)
    with pytest.raises((ExplainError, TypeError), match="no_such_argument"):
        call(**arguments, no_such_argument=1)
