"""The logit lens on the page of a run."""

import re

import numpy as np
import pytest

from dashboard.jobs.studies.readings import LENS, READINGS
from dashboard.services.open import open_run
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.studies import lens_panel
from tests.dashboard.jobs.studies.test_readings import make_lens
from tests.dashboard.pages import sentences, table_with
from tests.dashboard.ui.viewer.studies.test_heads_panel import component


@pytest.fixture
def read(stored, storage):
    """Stores a run and its logit lens; its name."""
    name = stored()
    run = open_run(name).result
    READINGS[LENS].save(make_lens(run), run, storage.results)
    return name


def test_it_begins_at_the_hottest_cell(visit, read):
    app = visit("compute", run=read, tab="Logit lens")
    assert not app.exception
    heat = open_run(read).result.headline
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert (app.number_input(key=ViewKey.LENS_ROW).value, app.number_input(key=ViewKey.LENS_COLUMN).value) == (
        row + 1,
        column + 1,
    )
    box = component(app)["box"]
    assert box == pytest.approx([column / heat.shape[1], row / heat.shape[0], 1 / heat.shape[1], 1 / heat.shape[0]])


def test_a_cell_says_its_tokens_and_what_cannot_be_seen_is_named(visit, read):
    app = visit("compute", run=read, tab="Logit lens", **{"lens-row": "1", "lens-column": "1"})
    table = table_with(app, "layer")
    assert table["layer"].tolist() == [0, 3, 7]
    first, second, fourth = (table[rank].tolist() for rank in "124")
    assert re.fullmatch(r"0\.\d{3} red", first[-1]) and first[0].endswith(" \u27eaU+200B\u27eb")
    assert second[0].endswith(" \u2423") and fourth[0].endswith(" <|im_end|>")


def test_a_cell_without_a_token_says_so(visit, read):
    app = visit("compute", run=read, tab="Logit lens", **{"lens-row": "99", "lens-column": "1"})
    heat = open_run(read).result.headline
    hottest = heat.argmax() // heat.shape[1] + 1
    assert not app.exception and app.number_input(key=ViewKey.LENS_ROW).value == hottest  # there is no such row
    assert app.number_input(key=ViewKey.LENS_COLUMN).value == 1
    rows, columns = open_run(read).result.grid
    app = visit("compute", run=read, tab="Logit lens", **{"lens-row": str(rows), "lens-column": str(columns)})
    assert any("No visual token lies over this cell" in each.value for each in app.info)


def test_where_a_word_appears(visit, read):
    app = visit("compute", run=read, tab="Logit lens")
    app.text_input(key=ViewKey.LENS_WORD).set_value("RED").run()
    rows, columns = open_run(read).result.grid
    assert f"among the likeliest tokens of {rows * columns - 1} cells" in sentences(app)
    app.text_input(key=ViewKey.LENS_WORD).set_value("giraffe").run()
    assert "no cell at any layer" in sentences(app)


def test_the_hottest_cell_again(visit, read):
    app = visit("compute", run=read, tab="Logit lens", **{"lens-row": "1", "lens-column": "1"})
    app.button(key="lens-hottest").click().run()
    row, column = np.unravel_index(open_run(read).result.headline.argmax(), open_run(read).result.grid)
    assert app.number_input(key=ViewKey.LENS_ROW).value == row + 1
    assert app.number_input(key=ViewKey.LENS_COLUMN).value == column + 1
    assert not app.warning and not app.exception


def test_without_it_it_is_offered(visit, stored):
    app = visit("compute", run=stored(), tab="Logit lens")
    assert "Ask every cell at every layer" in [each.label for each in app.button]


def test_a_click_is_of_the_cell_under_it(monkeypatch):
    session = {}
    monkeypatch.setattr(lens_panel.st, "session_state", session)
    lens_panel._clicked((4, 6), 1.0, 0.26)
    assert session == {ViewKey.LENS_ROW: 2, ViewKey.LENS_COLUMN: 6}


def test_tokens_of_blanks_are_shown_as_signs():
    assert lens_panel.token_words(" \n") == "\u2423\u23ce" and lens_panel.token_words(" red") == " red"
