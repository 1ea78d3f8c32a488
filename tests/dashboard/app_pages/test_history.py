"""The History page: its pages, what it says where nothing is listed, and a store that cannot be read."""

import pytest

from cache import Change
from dashboard import resources
from tests.dashboard.pages import prompts, sentences, shows_result


@pytest.mark.parametrize(("asked", "first"), [("2", "a?"), ("77", "e?"), ("-1", "e?"), ("<b>", "e?"), ("", "e?")])
def test_the_address_names_the_page(visit, stored, monkeypatch, asked, first):
    for letter in "abcde":
        stored(prompt=f"{letter}?")
    monkeypatch.setattr("dashboard.ui.history.table.PAGE_SIZE", 4)
    app = visit("home").switch_page("app_pages/history.py")
    app.query_params["page"] = asked
    assert not app.run().exception
    assert prompts(app)[0] == first
    assert "of 2: 5 runs, 4 a page" in sentences(app)


def test_where_nothing_is_listed_it_says_why(visit, stored):
    assert "There are no runs yet" in sentences(visit("history"))
    stored()
    assert "One run" in sentences(visit("history"))
    assert "The trash is empty." in sentences(visit("history", trash="true"))
    assert "No run fulfils all of these filters" in sentences(visit("history", pinned="true"))
    assert "holds all of these words" in sentences(visit("history", search="zebra"))


def test_a_run_in_the_trash_still_opens_from_its_address(visit, stored, storage):
    name = stored()
    storage.runs.write([name], Change(trash=True))
    assert shows_result(visit("compute", run=name))


def test_a_store_that_cannot_be_read_is_one_sentence(visit, stored):
    stored()
    (resources.storage().results.folder / "cache.db").rename(resources.storage().results.folder / "gone")
    app = visit("history")
    assert not app.exception and len(app.error) == 1
