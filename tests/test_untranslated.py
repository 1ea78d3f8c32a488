"""A rule for the code of pages: what a person reads is marked, so that it can be said in their language."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.test_architecture import MODULES, is_within, tree_of

SPEAK = (
    *(f"dashboard.{name}" for name in ("app_pages", "ui", "auth", "charts", "export", "services", "session")),
    *(f"dashboard.{name}" for name in ("Home", "formatting", "map_words", "loaded_run")),
)
"""Packages and modules that say something to people."""

MARKS = {"_", "N_", "counted", "sentence"}
# Elements and columns whose first argument is read by people, and what of any call is.
ELEMENTS = set(
    "audio badge button caption checkbox date_input dialog download_button error expander file_uploader "
    "form_submit_button header info markdown metric multiselect number_input pills popover progress radio "
    "segmented_control select_slider selectbox slider spinner status subheader success text text_area text_input "
    "time_input title toast toggle warning write TextColumn NumberColumn ListColumn ProgressColumn ImageColumn "
    "LinkColumn CheckboxColumn DatetimeColumn MultiselectColumn SelectboxColumn".split()
)
KEYWORDS = set(
    "label help placeholder alt caption title text body hovertemplate subplot_titles xaxis_title yaxis_title "
    "x_title y_title".split()
)
# What a program reads: names, patterns, styles, addresses; errors of a programmer.
SILENT_KEYWORDS = {
    "key",
    "icon",
    "format",
    "css",
    "html",
    "js",
    "url_path",
    "query_params",
    "mime",
    "description",
    "font",
}
SILENT_CALLS = {
    *("compile", "sub", "fullmatch", "search", "match", "findall", "split", "sha256", "getLogger", "fragment"),
    *("ValueError", "TypeError", "KeyError", "RuntimeError", "AssertionError", "LookupError", "cast", "TypeVar"),
    *("page_link", "switch_page", "code", "getattr", "setattr", "hasattr", "component", "memoised"),
    *("see", "meaning"),  # a term of the glossary, by its English name
}
_ASKED = "what a model is asked, as it is asked"
EXCEPTIONS: dict[str, dict[str, str]] = {
    "dashboard.export.bundle": {"first run": "a column of a table that programs read"},
    "dashboard.export.notes": {"imported picture": "stored as the picture's name"},
    "dashboard.ui.form.recent": dict.fromkeys(
        ("Describe this image.", "Where is the red circle?", "How many objects are there?"), _ASKED
    ),
    "dashboard.ui.viewer.studies.benchmark_panel": dict.fromkeys(
        (
            *("Where is the red circle?", "What color is the circle?", "What shape is the red object?"),
            *("What is in the top left?", "Describe this image."),
        ),
        _ASKED,
    ),
    "dashboard.ui.viewer.studies.own_data_panel": {
        "python -m core evaluate --data PATH --model MODEL --share DATA_FOLDER": "a command, as it is typed"
    },
    "dashboard.ui.compare.legend": {"Model fingerprint": "the English name of a parameter, as it is held"},
    "dashboard.ui.viewer.downloads": {"colour bar": "an option, whose title is marked"},
    "dashboard.ui.batch.upload": {"The file": "a part of an error from below, which is translated as a whole"},
}
"""Module -> a text in it -> why it stays English."""

_PROGRAM = re.compile(r"^(#!|import |cd |default-src |for \w+.* in )", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_WORDS = re.compile(r"[A-Za-z][a-z'’]+[,;:]? [a-z]+")
_CODE = re.compile(
    r"(?s)<style.*?</style>|<script.*?</script>|<[^>]*>|:\s*\d|\b\d+px|^[\w-]+(?:[./-][\w-]+)+$|:material/\w+:|^--|\{[^}]*\}|%[A-Za-z]"
)


def untranslated(tree: ast.AST) -> list[str]:
    """What is read and not marked: "12: Run it". And what hides the mark itself."""
    found = [*_texts(tree, False), *_hidden_marks(tree)]
    return [f"{line}: {text}" for line, text in dict.fromkeys(sorted(found))]


def _texts(node: ast.AST, is_label: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _written(node)
        if _PROGRAM.search(text):
            return
        if text and (_WORD if is_label else _WORDS).search(_CODE.sub("", text) if not is_label else _fields(text)):
            yield node.lineno, text
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _texts(part.value, is_label)
        return
    if isinstance(node, ast.Call):
        yield from _of_call(node)
        return
    if isinstance(node, ast.Compare | ast.Subscript) or _is_docstring(node):
        return
    if isinstance(node, ast.Dict):  # its keys name columns and parameters
        for value in node.values:
            yield from _texts(value, is_label)
        return
    if isinstance(node, ast.IfExp):
        for value in (node.body, node.orelse):
            yield from _texts(value, is_label)
        return
    keeps = isinstance(node, ast.List | ast.Tuple | ast.BinOp | ast.BoolOp | ast.Starred)
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, is_label and keeps)


def _of_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in SILENT_CALLS or getattr(getattr(node.func, "value", None), "id", "") == "logger":
        return
    yield from _texts(node.func, False)
    is_error = bool(re.search(r"(Error|Refused|Full|NotJson)$", name))
    for place, argument in enumerate(node.args):
        if name not in MARKS:
            yield from _texts(argument, place == 0 and (is_error or name in ELEMENTS and _is_element(node)))
    for keyword in node.keywords:
        if keyword.arg not in SILENT_KEYWORDS:
            yield from _texts(keyword.value, keyword.arg in KEYWORDS)


def _is_element(node: ast.Call) -> bool:
    # The audit log is written, too.
    by_streamlit = getattr(getattr(node.func, "value", None), "id", "") == "st"
    return isinstance(node.func, ast.Attribute) and (by_streamlit or node.func.attr != "write")


def _written(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _fields(text: str) -> str:
    return re.sub(r":material/\w+:|\{[^}]*\}|<[^>]*>", "", text)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _hidden_marks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where `_` becomes another thing, of a function that says something by it."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda | ast.GeneratorExp | ast.ListComp | ast.DictComp):
            continue
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == "_"]
        if any(isinstance(node.ctx, ast.Load) for node in names):
            yield from ((node.lineno, "_ is another thing here") for node in names if isinstance(node.ctx, ast.Store))


@pytest.mark.parametrize("module", [name for name in MODULES if is_within(name, SPEAK)])
def test_what_people_read_is_marked(module):
    kept = EXCEPTIONS.get(module, {})
    found = untranslated(tree_of(module))
    assert [each for each in found if each.split(": ", 1)[1] not in kept] == []
    assert set(kept) <= {each.split(": ", 1)[1] for each in found}, "an exception that is none any more"


PLANTED = {
    'st.button("Run")': ["Run"],
    'st.button(_("Run"), help="As it is")': ["As it is"],
    'left.metric("Stored", size(used))': ["Stored"],
    'st.caption(f"{count} runs")': ["{} runs"],
    "st.caption(f\"{count} {'run' if count == 1 else 'runs'}\")": ["run", "runs"],
    'st.caption("one" if count else "none of them")': ["none of them", "one"],
    'st.dataframe(x, column_config={"a": st.column_config.TextColumn("Answer")})': ["Answer"],
    'st.dataframe(x, alt="Past runs")': ["Past runs"],
    'session.notice = "It was taken back."': ["It was taken back."],
    'session.notice = "It was " + "taken back."': ["It was ", "taken back."],
    "words = f'{count} of the runs'": ["{} of the runs"],
    'raise InputError("Choose it")': ["Choose it"],
    'raise ValueError("it cannot be so")': [],
    'TITLES = {"a word": "the title of it"}': ["the title of it"],
    'TITLES = {"a word": N_("the title of it")}': [],
    'figure.update_layout(title={"text": "all of them"}, xaxis_title="layer")': ["all of them", "layer"],
    'st.caption(_("{what} is here", what="some word"))': ["some word"],
    'st.caption(counted("{count} run", "{count} runs", n))': [],
    "st.error(literal(sentence(str(error))))": [],
    'st.button(_("Run"), key="run it now", icon=":material/play_arrow:")': [],
    'logger.warning("it was lost here")': [],
    'if word == "as it is": pass': [],
    '"""What it is for."""': [],
    "def f():\n    for _, b in c:\n        st.text(_('a'))": ["_ is another thing here"],
    "def f():\n    for _, b in c:\n        st.text(b)": [],
}


@pytest.mark.parametrize("code", PLANTED)
def test_planted_text_is_found(code):
    assert [each.split(": ", 1)[1] for each in untranslated(ast.parse(code))] == PLANTED[code]
