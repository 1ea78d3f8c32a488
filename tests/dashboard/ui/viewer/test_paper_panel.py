"""The section for figures for papers."""

import pytest

from dashboard.ui.viewer import paper_panel


@pytest.fixture
def files(monkeypatch):
    """Name of each file that is offered -> what makes it."""
    found = {}
    monkeypatch.setattr(paper_panel, "file_download", lambda label, make, file, *_: found.update({file: make}))
    return found


def codes(app):
    return [code.value for code in app.code]


def test_a_figure_is_offered_with_its_latex_once_the_section_is_open(visit, stored, files):
    app = visit("compute", run=stored(prompt="Where $ is it?"), tab="Take away", layer="3")
    assert not files and not any("begin{figure}" in code for code in codes(app))
    app.session_state["paper"] = True
    app.run()
    assert not app.exception
    ((name, make),) = files.items()
    assert name.endswith("_layer-03_overlay.pdf") and make()[:5] == b"%PDF-"
    latex, bibtex = codes(app)
    assert "Where \\$ is it?" in latex and f"{{{name}}}" in latex and "smilkov2017smoothgrad" in bibtex
    app.segmented_control(key="paper-kind").set_value("depth")
    app.segmented_control(key="paper-width").set_value("own")
    app.segmented_control(key="paper-format").set_value("svg").run()
    assert not app.exception
    assert list(files)[-1].endswith("_depth.svg") and "[width=140mm]" in codes(app)[0]


def test_what_no_font_has_is_said_and_the_figure_can_do_without(visit, stored, files, monkeypatch):
    from core.rendering.paper import fonts

    monkeypatch.setattr(fonts.font_manager, "findSystemFonts", lambda: [])
    app = visit("compute", run=stored(prompt="在哪里？"), tab="Take away")
    app.session_state["paper"] = True
    app.run()
    assert any("No font on this machine has the characters" in info.value for info in app.info) and not files
    app.toggle(key="paper-text").set_value(False).run()
    assert not app.exception and len(files) == 1
