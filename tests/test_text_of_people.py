"""A rule for the code of pages: what people and models wrote is shown with what cannot be seen in it named."""

import ast
from collections.abc import Iterator

import pytest

from tests.test_architecture import MODULES, is_within, tree_of

# What people and models write, by the names of the attributes that hold it; of some names, only where it is theirs.
OF_PEOPLE = {"prompt", "note", "who", "picture_name", "model_name", "phrase", "problem", "tags"}
OF_PEOPLE_AT = {
    "title": {"record", "recent", "run"},
    "name": {"batch", "chosen", "file", "person", "row"},
    "text": {"answer", "token", "word"},
    "answer": {"record", "recent", "row"},
    "target": {"record", "run"},
}
# What names what cannot be seen; `len` and truth show nothing of it.
SHOWS = {"visible", "short", "cut", "literal", "plain", "len", "bool", "any"}
# What fills in a sentence of ours.
SAYS = {"_", "counted"}
# Where somebody goes on writing, or takes it away as it was typed.
AS_TYPED = {"text_input", "text_area", "code", "download_button"}


def raw_text(node: ast.AST) -> Iterator[str]:
    """Where an expression holds text of people as it was typed."""
    # Each element of a comprehension is shown, and not what it is taken from.
    shown = node.elt if isinstance(node, ast.ListComp | ast.GeneratorExp) else node
    if isinstance(shown, ast.Call) and getattr(shown.func, "attr", getattr(shown.func, "id", "")) in SHOWS:
        return
    if isinstance(node, ast.IfExp):
        yield from (found for each in (node.body, node.orelse) for found in raw_text(each))
        return
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        held_by = getattr(node.value, "attr", getattr(node.value, "id", ""))
        if node.attr in OF_PEOPLE or held_by in OF_PEOPLE_AT.get(node.attr, ()):
            yield ast.unparse(node)
            return
    for child in ast.iter_child_nodes(node):
        yield from raw_text(child)


def raw_text_shown(tree: ast.AST) -> list[str]:
    """Text of people that reaches a page as it was typed: by an element of Streamlit's, a sentence or a table."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_element = isinstance(node.func.value, ast.Name) and node.func.value.id == "st"
            if is_element and node.func.attr not in AS_TYPED:
                given = [
                    *node.args,
                    *(word.value for word in node.keywords if word.arg not in ("key", "args", "kwargs")),
                ]
                found += [f"{node.lineno}: {raw}" for each in given for raw in raw_text(each)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
            found += [f"{node.lineno}: {raw}" for word in node.keywords for raw in raw_text(word.value)]
        elif isinstance(node, ast.Dict):  # columns of a table, say
            named = [value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)]
            found += [f"{node.lineno}: {raw}" for each in named for raw in raw_text(each)]
        elif isinstance(node, ast.JoinedStr):
            found += [f"{node.lineno}: {raw}" for raw in raw_text(node)]
    return sorted(set(found))


@pytest.mark.parametrize(
    "module", [name for name in MODULES if is_within(name, ("dashboard.ui", "dashboard.app_pages", "dashboard.auth"))]
)
def test_what_cannot_be_seen_in_text_of_people_is_named_on_pages(module):
    assert raw_text_shown(tree_of(module)) == []


def test_raw_text_is_found():
    def found(code: str) -> list[str]:
        return raw_text_shown(ast.parse(code))

    assert found("st.text(run.request.prompt)") == ["1: run.request.prompt"]
    assert found("words = f'By {record.who}'") == ["1: record.who"]
    assert found("words = _('By {who}', who=record.who)") == ["1: record.who"]
    assert found("st.dataframe({'who': [record.who for record in records]})") == ["1: record.who"]
    assert found("columns = {'tags': [list(each.tags) for each in runs]}") == ["1: each.tags"]
    assert found("st.text(visible(record.note)); st.text(short(row.name, 3)); st.text(METHODS[0].title)") == []
    assert found("st.text_input('Note', record.note); st.text('yes' if record.note else 'no')") == []
