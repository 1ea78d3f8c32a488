"""Types that come back from public names without being public names themselves."""

import inspect
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from types import FunctionType
from typing import Any

_INSIDE = ("core.models", "core.inference", "core.engine.sampling")
"""Where types come from that nobody outside has to know, though some jobs of the project's own are given them."""


def returned_types(values: list[Any]) -> list[type]:
    """Types of the project that come back from public callables, or are held by what does; not the public ones."""
    seen: list[type] = []
    waiting = [kind for value in values for kind in _held(value)]
    while waiting:
        kind = waiting.pop()
        if kind not in seen and kind not in values and not kind.__module__.startswith(_INSIDE):
            seen.append(kind)
            waiting += _held(kind)
    return seen


def _held(value: Any) -> Iterator[type]:
    """Types of the project in what a callable gives back, or in what a class holds and gives."""
    if inspect.isclass(value):
        members = [inspect.getattr_static(value, name) for name in dir(value) if not name.startswith("_")]
        getters = [each.fget if isinstance(each, property) else each for each in members]
        getters = [each.func if isinstance(each, cached_property) else each for each in getters]
        for each in getters:
            if isinstance(each := getattr(each, "__func__", each), FunctionType):
                yield from _types(_hints(each).get("return"))
        if is_dataclass(value):
            hints = _hints(value)
            for each in fields(value):
                yield from _types(hints.get(each.name))
    elif isinstance(value, dict):
        yield from {type(each) for each in value.values()}
    elif callable(value):
        yield from _types(_hints(value).get("return"))


def _hints(value: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(value)
    except NameError:  # a name that is imported for type checkers alone
        return {}


def _types(annotation: Any) -> Iterator[type]:
    if inspect.isclass(annotation) and not typing.get_args(annotation):
        if annotation.__module__.split(".")[0] == "core":
            yield annotation
    for each in typing.get_args(annotation):
        yield from _types(each)
