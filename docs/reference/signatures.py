"""Signatures -> code as people read it."""

import inspect
import re
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from core.engine.run_options import OnProgress
from core.inputs.pictures import GivenPicture

_SHORT_LINE = 110


def signature_of(value: Callable) -> inspect.Signature:
    """Without what a method is called on."""
    signature = inspect.signature(value)
    given = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
    if is_dataclass(value):
        made = {each.name: each.default_factory for each in fields(value) if each.default_factory is not MISSING}
        given = [each.replace(default=made.get(each.name, each.default)) for each in given]
    return signature.replace(parameters=given)


def declared(name: str, signature: inspect.Signature) -> str:
    """As code: on one line if that is short, else an argument a line."""
    given, marks = [], {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not any(text.startswith("*") for text in given):
            given.append("*")
        text = f"{marks.get(each.kind, '')}{each.name}"
        text = text if each.annotation is each.empty else f"{text}: {kind_of(each.annotation)}"
        given.append(text if each.default is each.empty else f"{text} = {default_shown(each.default)}")
    returned = kind_of(signature.return_annotation)
    end = f" -> {returned}" if returned else ""
    line = f"{name}({', '.join(given)}){end}"
    return line if len(line) <= _SHORT_LINE else "\n".join([f"{name}(", *(f"    {each}," for each in given), f"){end}"])


def kind_of(annotation: Any) -> str:
    """A type as code writes it, without the modules that its parts come from; "" where none is said."""
    text = _text(annotation)
    for name, whole in _LONG.items():
        text = text.replace(whole, name)
    return text


def kind_returned(function: Callable) -> str:
    """The type of what a function gives back, as code; "" where none is said."""
    return kind_of(inspect.signature(function).return_annotation)


def _text(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty or annotation is None:
        return ""
    text = re.sub(r"ForwardRef\('([^']+)'\)", r"\1", inspect.formatannotation(annotation))
    text = re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", text)
    text = re.sub(r"Optional\[(Literal\[[^]]*\])\]", r"\1 | None", text)
    text = re.sub(r"'([A-Z]\w*)'", r"\1", text)  # a class that was not there yet
    return re.sub(r"'([^']*)'", r'"\1"', text)


_LONG = {"GivenPicture": _text(GivenPicture), "OnProgress": _text(OnProgress)}
"""Types that stand in many signatures, by the names that the code has for them."""


def default_shown(value: Any) -> str:
    """As one would write it: of a value of several fields those alone that are not left as they are."""
    if inspect.isclass(value):
        return f"{value.__name__}()"
    if is_dataclass(value):
        given = {each.name: getattr(value, each.name) for each in fields(value)}
        left = {each.name: each.default for each in fields(value)}
        said = [f"{name}={default_shown(each)}" for name, each in given.items() if each != left[name]]
        return f"{type(value).__name__}({', '.join(said)})"
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return f"({', '.join(map(default_shown, value))}{',' * (len(value) == 1)})"
    return value.__name__ if callable(value) else repr(value)
