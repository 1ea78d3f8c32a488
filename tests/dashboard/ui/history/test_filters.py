"""Which runs are listed and in what order, all of it in the address."""

import pytest

from cache import map_key
from core import ExplainRequest
from dashboard.session.keys import HistoryKey
from tests.dashboard.pages import prompts, sentences, table_with


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ({}, "decba"),
        ({"sort": "When"}, "edcba"),
        ({"sort": "When", "upward": "true"}, "abcde"),
        ({"sort": "Samples"}, "edcba"),
        ({"sort": "Rating"}, "bdeca"),
        ({"rating": "★★★ or more"}, "b"),
        ({"tag": "paper"}, "b"),
        ({"tag": "nonsense"}, "decba"),
        ({"pinned": "true"}, "d"),
        ({"trash": "true"}, ""),
        ({"samples-from": "4", "samples-to": "5"}, "dc"),
        ({"picture": "two-"}, "decba"),
        ({"picture": "zebra"}, ""),
        ({"search": "奇怪"}, "b"),
        ({"search": "figure"}, "b"),
        ({"search": "b?"}, "b"),
        ({"since": "2020-01-01", "until": "2021-01-01"}, ""),
        ({"since": "2020-01-01", "until": "2030-01-01"}, "decba"),
        ({"seconds-to": "1"}, ""),
        ({"model": "embedded", "search": "e?"}, "e"),
        ({"rating": "x", "sort": "y", "samples-from": "z", "since": "<b>", "tag": "' OR 1=1"}, "decba"),
    ],
)
def test_the_address_says_what_is_listed(visit, five_runs, address, found):
    assert [prompt[0] for prompt in prompts(visit("history", **address))] == list(found)


def test_filters_are_cleared(visit, five_runs):
    app = visit("history")
    app.selectbox(key=HistoryKey.TAG).set_value("odd").run()
    app.selectbox(key=HistoryKey.SORT).set_value("rating").run()
    app.text_input(key=HistoryKey.SEARCH).set_value("zebra").run()
    assert "No run fulfils all of these filters" in sentences(app)
    app.button(key="show-all").click().run()
    assert len(prompts(app)) == 5 and app.selectbox(key=HistoryKey.TAG).value == ""


def test_runs_are_sorted_and_filtered_by_what_is_stored(visit, stored, storage):
    small, large, gone = (
        stored(prompt=f"{name}?", layers=layers) for name, layers in zip("slg", ((0,), (0, 1, 2), (0, 1)), strict=True)
    )
    storage.results._cache.delete(map_key(ExplainRequest.from_dict(storage.runs.get(gone).request), 1))
    app = visit("history", sort="Stored size")
    assert prompts(app) == ["l?", "s?", "g?"]
    assert list(table_with(app, "prompt")["size"])[2] == "evicted"
    assert prompts(visit("history", heat="Evicted")) == ["g?"]
    assert prompts(visit("history", heat="Stored", sort="Stored size", upward="true")) == ["s?", "l?"]
    assert prompts(visit("history", **{"size-from": "1000"})) == []
    between = (storage.runs.get(small).stored + storage.runs.get(large).stored) / 2 / 2**20
    assert prompts(visit("history", **{"size-to": f"{between:.6f}"})) == ["s?"]
    assert prompts(visit("history", **{"size-from": f"{between:.6f}"})) == ["l?"]
