"""Expressions of Python source that make a text -> templates of what they make, and where each stands."""

import ast
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

MOST = 12
"""Texts that one expression stands for; where it would be more, what differs is a field."""

Parts = tuple["str | ast.expr", ...]
"""A text: what is written, and the expressions that are filled in between."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Place:
    """Where an expression stands.

    Attributes:
        function: the innermost one around it; None at the top of a module.
        names: name -> the one expression that it stands for there, None where that is not known.
    """

    function: ast.FunctionDef | None = None
    names: Mapping[str, ast.expr | None] = field(default_factory=dict)


def walk(tree: ast.AST, place: Place | None = None) -> Iterator[tuple[ast.AST, Place]]:
    """Every node and its place, but docstrings and what goes to the log."""
    place = Place(names=_bound(tree)) if place is None else place
    yield tree, place
    if isinstance(tree, FUNCTIONS):
        parameters = dict.fromkeys(parameters_of(tree))
        place = Place(tree, {**place.names, **_bound(tree), **parameters})
    for child in ast.iter_child_nodes(tree):
        is_piece = isinstance(tree, ast.JoinedStr) and isinstance(child, ast.Constant)
        if not is_piece and not _says_nothing(child):
            yield from walk(child, place)


def parameters_of(function: ast.FunctionDef) -> list[str]:
    """The names of its parameters, without that of the object."""
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def called(call: ast.Call) -> str:
    """The last name of what is called: "InputError", "check_whole"."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def templates(expression: ast.AST, place: Place) -> list[str]:
    """The texts that an expression makes, as "{name} is no picture."; none where it makes none, or says nothing."""
    found = [_template(parts) for parts in alternatives(expression, place)]
    return [each for each in found if re.search("[A-Za-z]{2}", re.sub(r"\{\w+\}", "", each))]


def alternatives(expression: ast.AST, place: Place) -> list[Parts]:
    """The texts that an expression may make; none where it makes something else, or more than `MOST`."""
    if isinstance(expression, ast.Constant):
        return [(expression.value,)] if isinstance(expression.value, str) else []
    if isinstance(expression, ast.JoinedStr):
        return _joined(expression.values, place)
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
        sides = [expression.left, expression.right]
        return _joined(sides, place) if any(alternatives(side, place) for side in sides) else []
    if isinstance(expression, ast.IfExp):
        both = [alternatives(branch, place) for branch in (expression.body, expression.orelse)]
        return both[0] + both[1] if all(both) else []
    if isinstance(expression, ast.Name):
        bound = place.names.get(expression.id)
        return [] if bound is None else alternatives(bound, Place(None, {**place.names, expression.id: None}))
    return []


def filled_in(texts: list[Parts]) -> set[str]:
    """The names and attributes that are filled in as they are: {"what"} of f"{what} is blank."."""
    return {
        getattr(part, "id", getattr(part, "attr", ""))
        for parts in texts
        for part in parts
        if isinstance(part, ast.expr)
    } - {""}


def _joined(values: list[ast.expr], place: Place) -> list[Parts]:
    each: list[list[Parts]] = []
    for value in values:
        if isinstance(value, ast.FormattedValue):
            plain = value.format_spec is None and value.conversion == -1
            each.append((plain and alternatives(value.value, place)) or [(value.value,)])
        else:
            each.append(alternatives(value, place) or [(value,)])
    count = 1
    for choice in each:
        count *= len(choice)
    if count > MOST:
        each = [[(value,)] if len(choice) > 1 else choice for value, choice in zip(values, each, strict=True)]
    return [tuple(part for parts in chosen for part in parts) for chosen in product(*each)]


def _template(parts: Parts) -> str:
    text, names = "", {}
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        source = ast.unparse(part)
        words = [word.strip("_") for word in re.findall(r"[A-Za-z_]\w*", re.sub(r"(['\"]).*?\1", "", source))]
        name = next((word for word in reversed(words) if word and not keyword.iskeyword(word)), "value")
        while names.setdefault(name, source) != source:
            name += "_"
        text += f"{{{name}}}"
    return text.strip()


def _bound(tree: ast.AST) -> dict[str, ast.expr | None]:
    """What each name stands for that is bound in a module or function; None for one bound more than once."""
    bound: dict[str, ast.expr | None] = {}
    for node in _own(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            bound[name] = None if name in bound else node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            bound[node.target.id] = None if node.target.id in bound else node.value
    seen: dict[str, int] = {}
    for node in _own(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            seen[node.id] = seen.get(node.id, 0) + 1
    return {name: value if seen.get(name) == 1 else None for name, value in bound.items()} | {
        name: None for name in seen if name not in bound
    }


def _own(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module or function, without those of the functions and classes in it."""
    for child in ast.iter_child_nodes(tree):
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _own(child)


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.keyword):
        return node.arg == "description"  # of a setting: for its page in docs/
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "logger"
    )
