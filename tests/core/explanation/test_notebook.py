"""`show()`: below a notebook's cell where there is one, else a line on what to do."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from core.explanation.notebook import NO_NOTEBOOK


@pytest.fixture
def notebook(monkeypatch):
    """IPython as it looks from inside a kernel; what was displayed."""
    shown = []
    python, display = ModuleType("IPython"), ModuleType("IPython.display")
    python.get_ipython = lambda: SimpleNamespace(kernel=object())
    display.HTML, display.display = (lambda text: ("HTML", text)), shown.append
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return SimpleNamespace(shown=shown, python=python)


def test_in_a_notebook_the_html_is_shown(notebook, explanation, capsys):
    explanation.show()
    explanation.show(2, colormap="jet")
    assert notebook.shown[0] == ("HTML", explanation._repr_html_()) and "layer 2" in notebook.shown[1][1]
    assert capsys.readouterr().out == ""


def test_in_a_terminal_of_ipython_a_line_is_printed(notebook, explanation, capsys):
    notebook.python.get_ipython = lambda: SimpleNamespace()
    explanation.show()
    assert not notebook.shown and capsys.readouterr().out == f"{explanation!r}\n{NO_NOTEBOOK}\n"


def test_elsewhere_a_line_is_printed(explanation, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    explanation.show()
    assert capsys.readouterr().out == f"{explanation!r}\n{NO_NOTEBOOK}\n"
