"""No test passes because there was nothing to look at.

A test whose every assertion stands in a loop over something computed, or under an `if`, passes where the loop has no
turn. `tests.some.some` fails there.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
FILES = sorted(ROOT.rglob("test_*.py"))
SPARED = {
    # Of every page and every module, some of which name nothing.
    "test_architecture.py": {"test_imports_run_one_way", "test_nobody_takes_what_a_package_around_them_hands_on"},
    "test_docs.py": {
        "test_every_link_and_picture_is_there",
        "test_every_name_of_the_code_that_is_told_with_its_file_stands_there",
    },
}
"""File -> tests that may find nothing."""


def is_filled(node: ast.expr) -> bool:
    """Whether what a loop goes through is there by its form alone."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return bool(parts)
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id=name) | ast.Attribute(attr=name) if (
            name.isupper()
        ):  # a constant of the test's or the program's
            return True
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "keys" | "values")):
            return is_filled(value)
        case ast.Call(func=ast.Name(id="some")):
            return True
        case ast.Call(func=ast.Name(id="range"), args=bounds):
            return all(isinstance(bound, (ast.Constant, ast.BinOp, ast.UnaryOp)) for bound in bounds)
        case ast.Call(func=ast.Name(id="enumerate" | "sorted" | "reversed" | "list"), args=[things, *_]):
            return is_filled(things)
        case ast.Call(func=ast.Name(id="zip"), args=several, keywords=[ast.keyword(value=ast.Constant(value=True))]):
            return any(map(is_filled, several))  # of equal lengths
        case ast.ListComp(generators=[first]):
            return is_filled(first.iter) and not first.ifs
    return False


def asserts(node: ast.AST) -> bool:
    """Whether a statement or a call says that something must hold."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")

        return name.startswith(("assert", "expect", "wait_")) or name in ("raises", "fail")
    return isinstance(node, ast.Assert)


def sure(node: ast.AST) -> bool:
    """Whether some assertion within is reached whatever was computed."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For) and not is_filled(child.iter):
            continue
        if isinstance(child, ast.If):
            if child.orelse and all(
                any(asserts(each) or sure(each) for each in way) for way in (child.body, child.orelse)
            ):
                return True
            continue
        if isinstance(child, (ast.FunctionDef, ast.Lambda)):
            continue
        if asserts(child) or sure(child):
            return True
    return False


def doubtful(source: str) -> list[str]:
    """The tests of a file that have assertions, and none that is surely reached."""
    tests = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef)]
    tests = [each for each in tests if each.name.startswith("test_")]
    return [each.name for each in tests if any(map(asserts, ast.walk(each))) and not sure(each)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_is_sure_to_look_at_something(path):
    found = set(doubtful(path.read_text("utf-8"))) - SPARED.get(path.name, set())
    assert not found, f"Put `some(...)` around what these loop over, or assert that it is there: {sorted(found)}."


def test_the_rule_tells_a_loop_over_nothing_from_one_over_something():
    loop = "def test_it():\n    for each in {}:\n        assert each"
    for over in ("find()", "found", "(x for x in found)", "range(len(found))", "zip(a, b)", "zip(found, (1, 2))"):
        assert doubtful(loop.format(over)) == ["test_it"], over
    for over in ("(1, 2)", "some(found)", "CASES", "range(3)", "zip(found, (1, 2), strict=True)", "CASES.items()"):
        assert doubtful(loop.format(over)) == [], over
    assert doubtful("def test_it():\n    if found:\n        assert found") == ["test_it"]
    assert doubtful("def test_it():\n    if a:\n        assert b\n    else:\n        assert c") == []
    assert doubtful(loop.format("found") + "\n    assert found") == []
