"""docs/api.md is what the code says, and says something of everything."""

import inspect
import re
from typing import Any, Literal

import pytest

import core
from docs.reference.docstrings import Entry, read
from docs.reference.page import PAGE, page
from docs.reference.public import things, undocumented
from docs.reference.signatures import declared, signature_of
from tests.core.working_arguments import public_calls
from tests.some import some

TEXT = PAGE.read_text("utf-8")


def test_the_page_is_what_the_code_says():
    assert page() == TEXT, "Run: .venv/bin/python -m docs.reference"


@pytest.mark.parametrize("name", core.__all__)
def test_every_name_is_there(name):
    assert re.search(rf"^### {name}$", TEXT, re.M) and f"[`{name}`](#{name.lower()})" in TEXT


def test_every_method_is_there_with_its_signature():
    for name in some(public_calls()):
        owner, _, method = name.rpartition(".")
        told = [each.__name__ for each in getattr(core, owner or name).__mro__] if owner else []
        assert not owner or any(f"\n#### {each}.{method}\n\n```python\n{each}.{method}(" in TEXT for each in told), name


def test_nothing_is_left_unsaid():
    assert undocumented() == []


def test_options_of_a_run_are_told_as_arguments():
    explain = TEXT.split("\n#### Explainer.explain\n")[1].split("\n#### ")[0]
    for name in some(inspect.signature(core.Explainer.explain).parameters.keys() - {"self"}):
        assert re.search(rf"^- .*`{name}`.*: .+", explain, re.M), name


def test_what_comes_back_is_told_too():
    assert {"ModelComparison", "PromptHeat", "Reliance", "WhatIf", "Word"} <= {thing.name for thing in things()}


def test_a_docstring_comes_apart():
    doc = read(
        """First line.

        More, on
        two lines.

        Args:
            a, b: both
                of them.
            c: alone.
            The rest: as `f`.

        Returns:
            A thing,
            or none.

        Raises: as `f`.
        """
    )
    assert doc.text == "First line.\n\nMore, on two lines."
    args = doc.section("Args")
    assert args.of("b") == args.of("a") == Entry(("a", "b"), "both of them.")
    assert args.of("c").text == "alone." and args.of("The rest").text == "as `f`." and args.of("d") is None
    assert (doc.section("Returns").text, doc.section("Raises").text) == ("A thing, or none.", "as `f`.")
    assert doc.section("Attributes").entries == () and read(None).text == ""


def test_a_signature_reads_as_code():
    def asked(self, kind: Literal["a", "b"], *rest: int, name: str = "x", more: tuple[str, ...] = ("y",)) -> str: ...

    def free(*, call: Any = len) -> None: ...

    shown = declared("f", signature_of(asked))
    assert shown == 'f(kind: Literal["a", "b"], *rest: int, name: str = "x", more: tuple[str, ...] = ("y",)) -> str'
    assert declared("g", signature_of(free)) == "g(*, call: Any = len)"


def test_a_long_signature_has_a_line_an_argument():
    shown = declared("Explainer.explain", signature_of(core.Explainer.explain)).splitlines()
    assert shown[0] == "Explainer.explain("
    assert '    tap: Literal["input", "output"] = "input",' in shown and shown[-1].startswith(") -> ")
    assert "    brightness: Brightness | str = Brightness()," in shown
