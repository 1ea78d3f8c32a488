"""What cannot be seen in people's and the model's text is named on every page; only where one writes, it stays."""

import re

import pytest
from google.protobuf.descriptor import FieldDescriptor
from streamlit.testing.v1 import AppTest

from cache import Change
from core.schema import Target
from tests.dashboard.pages import open_recent

HIDDEN = "\u202e\u200b\u2067"
AS_TYPED = {"text_input", "text_area", "code"}
"""Where somebody goes on writing, or takes text away."""


def written(message, found: list[str]) -> list[str]:
    """Every piece of text and data that a message for the browser holds."""
    for field, value in message.ListFields():
        several = list(value.values() if hasattr(value, "values") else value) if field.is_repeated else [value]
        for each in several:
            if hasattr(each, "ListFields"):
                written(each, found)
            elif field.type == FieldDescriptor.TYPE_BYTES:
                found.append(each.decode("utf-8", "ignore"))
            elif isinstance(each, str):
                found.append(each)
    return found


def hidden_on(app: AppTest) -> list[str]:
    """Elements of a page that hold what cannot be seen, as it was typed or as JSON writes it."""
    return [text for text in shown_on(app) if any(each in text or f"\\u{ord(each):04x}" in text for each in HIDDEN)]


def shown_on(app: AppTest) -> list[str]:
    """Every text on a page, each after the kind of its element."""
    nodes = [node for node in app._tree if getattr(node, "proto", None) is not None and node.type not in AS_TYPED]
    return [f"{node.type}: {text}" for node in nodes for text in written(node.proto, [])]


@pytest.fixture
def run(stored, storage, chosen) -> str:
    """A run into whose every text something is put that cannot be seen."""
    object.__setattr__(chosen, "name", f"photo{HIDDEN}gnp.png")
    name = stored(f"on the{HIDDEN} left", prompt=f"Where{HIDDEN}?", target=Target.words(f"the{HIDDEN}"))
    change = Change(title=f"Figure{HIDDEN}", note=f"odd{HIDDEN}", add_tags=(f"paper{HIDDEN}",))
    storage.runs.write([name], change)
    return name


@pytest.mark.parametrize("page", ["home", "compute", "compare", "history", "batch"])
def test_every_page_names_it(visit, run, page):
    given = {"compute": {"run": run}, "compare": {"runs": run}}
    app = visit(page, **given.get(page, {}))
    if page == "compute":
        open_recent(app)
        assert any(text.startswith("button: Where") for text in shown_on(app))
    assert hidden_on(app) == []
    if page != "batch":
        assert any("⟪U+202E⟫" in text for text in shown_on(app))


def test_what_one_goes_on_writing_stays_as_it_was_typed(visit, run):
    assert visit("compute", run=run).text_area[0].value == f"Where{HIDDEN}?"


def test_it_would_be_found(visit, run, monkeypatch):
    monkeypatch.setattr("core.schema.visible_text._HIDDEN", re.compile("(?!)"))
    for page, given in (("home", {}), ("compute", {"run": run}), ("compare", {"runs": run}), ("history", {})):
        assert hidden_on(visit(page, **given)) != []
