"""The word-by-word strip and the maps of every method, on the page of a run."""

import pytest

from dashboard import resources
from dashboard.jobs.studies.registry import word_requests
from dashboard.services.open import open_run


@pytest.fixture
def mapped(stored, storage, explain):
    """Stores a run and the map of each word of its answer; its name."""

    def make(text, **changes):
        name = stored(text, **changes)
        for request in word_requests(open_run(name).result):
            storage.results.put(explain(request, text))
        return name

    return make


def looked_at(app):
    return next(element.value for element in app.text if element.value.endswith("comes from"))


def test_the_address_names_the_word_that_is_looked_at(visit, mapped):
    name = mapped("a *red* ring")
    app = visit("compute", run=name, tab="Words")
    assert looked_at(app) == "Where \u201ca\u201d comes from"
    colleague = visit("compute", run=name, tab="Words", word=r"2: \*red\*")
    assert looked_at(colleague) == "Where \u201c*red*\u201d comes from"
    assert colleague.pills(key="word").value == 1
    colleague.pills(key="word").set_value(2).run()
    assert looked_at(colleague) == "Where \u201cring\u201d comes from" and not colleague.exception


@pytest.mark.parametrize("word", ["9", "9: nothing", "3: ring", "<script>", ""])
def test_a_word_that_the_answer_does_not_have_is_the_first_one(visit, mapped, word):
    app = visit("compute", run=mapped("two rings"), tab="Words", word=word)
    assert looked_at(app) == "Where \u201ctwo\u201d comes from" and not app.exception


@pytest.mark.parametrize(("tab", "study"), [("Words", "words"), ("Methods", "methods"), ("Trust", "trust")])
def test_a_run_whose_model_is_gone_says_so_where_more_is_asked_of_it(visit, stored, monkeypatch, tab, study):
    app = visit("compute", run=stored(), tab=tab)
    monkeypatch.setattr(type(resources.catalogue()), "card_of", lambda catalogue, fingerprint: None)
    app.button(key=f"begin-{study}").click().run()
    assert ["model of this run is not offered" in error.value for error in app.error] == [True]
    assert not app.exception
