"""What is said below the pages, where nothing is marked: read off the source as templates of whole sentences.

A message is what is raised as an error for people, what reads as a whole sentence, what is given to a field in `SHOWN`,
and every text of what is named for it. An f-string becomes a template: f"{self.name} is no picture." that of
"{name} is no picture."; where it depends on a condition, or holds a name that stands for one text, several whole ones.
What else is filled in comes from whoever calls: `handed_over` follows the parameters.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from dashboard.language.source_texts import (
    FUNCTIONS,
    Place,
    alternatives,
    called,
    filled_in,
    parameters_of,
    templates,
    walk,
)

SHOWN = {
    *("title", "sentence", "heat_unit", "former_unit", "verb", "doing", "cost", "one", "many", "all", "axis", "source"),
}
"""Fields of dataclasses that hold words for people, and keywords of the functions that make these."""

NOT_FOR_PEOPLE = {
    *("ValueError", "TypeError", "AttributeError", "KeyError", "RuntimeError", "NotImplementedError"),
    *("AssertionError", "SystemExit", "ArgumentTypeError", "IsADirectoryError"),
    *("CorruptEntry", "UnreadableRow", "Broken"),
}
"""Errors of a programmer, or of the bytes of a file, of which others make sentences."""

_SENTENCE = re.compile(r"(?!(SELECT|UPDATE|DELETE|INSERT|CREATE|ALTER|WITH) )[A-Z0-9{].*[a-z})].* .*", re.DOTALL)

_FILLS_IN = re.compile(r"(?!.*(\?| FROM ))(?=.* |[A-Z][a-z]+$|[a-z]+$)", re.DOTALL)
"""What may be a part of a sentence: no SQL, and no name of a setting or of a key."""


def said(tree: ast.Module, dataclasses: Mapping[str, list[str]], named: Collection[str] = ()) -> list[str]:
    """The messages of a module.

    Args:
        dataclasses: as `dataclasses_of` gives them, of every module.
        named: its functions, and names at its top, all of whose texts are messages.
    """
    found: list[str] = []
    for node, place in walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and called(node.exc) not in NOT_FOR_PEOPLE:
            found += [each for argument in node.exc.args[:1] for each in templates(argument, place)]
        elif isinstance(node, ast.Call):
            given = [(each.arg, each.value) for each in node.keywords]
            given += zip(dataclasses.get(called(node), ()), node.args, strict=False)
            found += [each for name, value in given if name in SHOWN for each in templates(value, place)]
        elif isinstance(node, ast.expr) and not isinstance(node, ast.Name):
            found += [each for each in templates(node, place) if _reads_as_sentence(each)]
    return list(dict.fromkeys([*found, *_all_of(tree, named)]))


def dataclasses_of(trees: Iterable[ast.Module]) -> dict[str, list[str]]:
    """Class -> its fields in order."""
    return {
        kind.name: [each.target.id for each in kind.body if isinstance(each, ast.AnnAssign)]
        for tree in trees
        for kind in tree.body
        if isinstance(kind, ast.ClassDef)
    }


def handed_over(trees: Mapping[str, ast.Module], callers: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """What is filled into messages by whoever calls: name of the module -> texts.

    Args:
        trees: the modules whose messages are filled in, by name.
        callers: those that may call them.
    """
    filled = _filled_parameters(trees)
    calls = [(name, *each) for name, tree in callers.items() for each in walk(tree) if isinstance(each[0], ast.Call)]
    found: dict[str, list[str]] = {}
    for _ in range(3):  # what one function hands on, another may have handed to it
        for name, call, place in calls:
            for value in list(_given(call, filled)):
                found.setdefault(name, []).extend(filter(_FILLS_IN.match, templates(value, place)))
                own = place.function
                if own is not None and isinstance(value, ast.Name) and value.id in parameters_of(own):
                    filled.setdefault(own.name, {})[value.id] = parameters_of(own).index(value.id)
    for name, tree in trees.items():
        for value, place in _defaults(tree, filled):
            found.setdefault(name, []).extend(filter(_FILLS_IN.match, templates(value, place)))
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _defaults(tree: ast.Module, filled: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[ast.expr, Place]]:
    """What stands for such a parameter where nobody gives it."""
    for node, place in walk(tree):
        if isinstance(node, FUNCTIONS):
            positional = node.args.posonlyargs + node.args.args
            given = zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True)
            yield from ((value, place) for each, value in given if each.arg in _filled_of(node, tree, filled))


def _filled_of(function: ast.AST, tree: ast.Module, filled: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    kinds = (kind.name for kind in tree.body if isinstance(kind, ast.ClassDef) and function in kind.body)
    return filled.get(next(kinds, "") if function.name == "__init__" else function.name, {})


def _filled_parameters(trees: Mapping[str, ast.Module]) -> dict[str, dict[str, int]]:
    """Function or class -> its parameters that stand in messages -> the position of each."""
    filled: dict[str, dict[str, int]] = {}
    for tree in trees.values():
        kept = _kept(tree)
        for node, place in walk(tree):
            if not isinstance(node, ast.JoinedStr) or not any(map(_reads_as_sentence, templates(node, place))):
                continue
            names = filled_in(alternatives(node, place))
            for at, each in enumerate(parameters_of(place.function) if place.function else ()):
                if each in names:
                    filled.setdefault(place.function.name, {})[each] = at
            for kind, parameters in kept.items():
                filled.setdefault(kind, {}).update({each: at for each, at in parameters.items() if f"_{each}" in names})
    return filled


def _kept(tree: ast.Module) -> dict[str, dict[str, int]]:
    """Class -> the parameters with which it is made, of which `self._what` keeps `what`."""
    return {
        kind.name: {name: at for at, name in enumerate(parameters_of(made))}
        for kind in tree.body
        if isinstance(kind, ast.ClassDef)
        for made in kind.body
        if isinstance(made, FUNCTIONS) and made.name == "__init__"
    }


def _given(call: ast.Call, filled: Mapping[str, Mapping[str, int]]) -> Iterator[ast.expr]:
    wanted = {} if called(call) in vars(dict) else filled.get(called(call), {})
    yield from (call.args[at] for at in wanted.values() if at < len(call.args))
    yield from (each.value for each in call.keywords if each.arg in wanted)


def _all_of(tree: ast.Module, named: Collection[str]) -> Iterator[str]:
    for node, place in walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        if any(getattr(each, "id", getattr(each, "name", None)) in named for each in targets):
            silent = {id(each) for each in _compared(node)}
            for each, there in walk(node, place):
                if isinstance(each, ast.expr) and not isinstance(each, ast.Name) and id(each) not in silent:
                    yield from templates(each, there)


def _compared(tree: ast.AST) -> Iterator[ast.AST]:
    """Keys of dictionaries, defaults of parameters, and what a value or an attribute is looked up by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from node.keys
        elif isinstance(node, ast.Compare):
            yield from ast.walk(node)
        elif isinstance(node, FUNCTIONS):
            yield from node.args.defaults
        elif isinstance(node, ast.Call) and called(node) == "getattr":
            yield node.args[1]


def _reads_as_sentence(text: str) -> bool:
    return bool(_SENTENCE.fullmatch(text)) and "?" not in text and (text.endswith(".") or ". " in text)
