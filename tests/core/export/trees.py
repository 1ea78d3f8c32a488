"""JSON trees, and every way to spoil one in one place."""

import copy
from collections.abc import Iterator
from typing import Any

WRONG: list[Any] = [
    *(None, True, False, 0, 1, -1, 7, 10**6, 2**31, 2**63, 10**30, -0.5, 0.5, 1e30, 1e308, 1.5),
    *("", "7", "x", "\ud800", "a\udfffb", "\x00", "\u202e", "left", "logit", "x" * 100_000),
    *([], [[]], [1, 1], [1, 0], [-1], [True], ["1"], {}, {"a": 1}, [None], {"start": 99}),
]
"""Values of which hardly one is right anywhere."""

Path = tuple[str | int, ...]


def places(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value in a tree but the whole."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in steps:
        yield (*path, step)
        yield from places(value, (*path, step))


def value_at(tree: Any, path: Path) -> Any:
    """The value at a path."""
    for step in path:
        tree = tree[step]
    return tree


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """The tree with another value at a path."""
    tree = copy.deepcopy(tree)
    value_at(tree, path[:-1])[path[-1]] = value
    return tree


def without(tree: Any, path: Path) -> Any:
    """The tree without what is at a path."""
    tree = copy.deepcopy(tree)
    del value_at(tree, path[:-1])[path[-1]]
    return tree


def with_more(tree: Any, path: Path) -> Any | None:
    """The tree with one more key, or entry, at a path; None where nothing can be added."""
    tree = copy.deepcopy(tree)
    place = value_at(tree, path)
    if isinstance(place, dict):
        place["unknown"] = 1
    elif isinstance(place, list):
        place.append(copy.deepcopy(place[-1]) if place else 1)
    else:
        return None
    return tree


def alike(left: Any, right: Any) -> bool:
    """Whether two values are of one kind, so that one may be right where the other is."""
    numbers = (int, float)
    if type(left) in numbers and type(right) in numbers:
        return True
    return type(left) is type(right)
