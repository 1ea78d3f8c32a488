"""Which runs are found, in any language, and in what order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Change, Filter, Order, RunHistory
from tests.cache.samples import few_examples, make_run


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    history = RunHistory(tmp_path_factory.mktemp("searched") / "runs.db")
    history.record(make_run(0, prompt="Where is the circle?", answer="on the left"))
    history.record(make_run(1, prompt="红色的圆形在哪里?", answer="在正方形旁边"))
    history.record(make_run(2, prompt='圆 100% a_b \\ "quoted"', answer=""))
    yield history
    history.close()


@pytest.mark.parametrize(
    "search, found",
    [
        (None, {0, 1, 2}),
        ("", {0, 1, 2}),
        ("  ", {0, 1, 2}),
        ("circ", {0}),
        ("CIRCLE", {0}),
        ("circle left", {0}),
        ("left circle", {0}),
        ("circle nothing", set()),
        ("红色的圆形", {1}),
        ("圆形", {1}),
        ("圆", {1, 2}),
        ("红色的 圆", {1}),
        ("100%", {2}),
        ("0%", {2}),
        ("%", {2}),
        ("a_", {2}),
        ("_", {2}),
        ("\\", {2}),
        ('"', {2}),
        ('"quoted"', {2}),
        ("circle OR 100", set()),
        ("circ*", set()),
        ("prompt:circle", set()),
        ("NEAR(circle left)", set()),
        ("-circle", set()),
        ("\0circle", set()),
        ("\ud83d", {0, 1}),
        ("x " * 5_000, set()),
    ],
)
def test_search(searched, search, found):
    assert {run.request["seed"] for run in searched.recent(10, search=search)} == found
    assert searched.count(search) == len(found)


@few_examples
@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_no_text_is_syntax_and_every_prompt_is_found_by_its_words(history, prompt, search):
    history.record(make_run(0, prompt=prompt))
    assert history.count(search) in (0, 1)
    assert history.count(prompt) == 1


def test_notes_and_titles_are_found_in_any_language(history):
    history.record(make_run(0))
    history.record(make_run(1))
    history.write([make_run(1).run_id], Change(note="边缘很奇怪, look again", title="Figure 3"))
    for words in ("边缘很奇怪", "奇怪", "look again", "figure", "怪", "g"):
        assert make_run(1).run_id in [run.run_id for run in history.recent(9, search=words)], words
    assert history.count("边缘") == history.count("look again circle") == 1
    history.write([make_run(1).run_id], Change(note=""))
    assert history.count("边缘") == history.count("look again") == 0


@pytest.mark.parametrize(
    "where, found",
    [
        ({}, range(10)),
        ({"model": "even"}, (0, 2, 4, 6, 8)),
        ({"method": "combined"}, range(5)),
        ({"model": "even", "method": "gradcam"}, (6, 8)),
        ({"rating": 1}, (0, 3, 6, 9)),
        ({"samples": (3, 5)}, (3, 4, 5)),
        ({"samples": (None, 0)}, (0,)),
        ({"created": (1007.0, None)}, (7, 8, 9)),
        ({"duration": (None, 2.0)}, (8, 9)),
        ({"pinned": True}, (4,)),
        ({"picture": "photo_4"}, (4,)),
        ({"picture": "_"}, range(10)),
        ({"picture": "o%"}, ()),
        ({"picture": "' OR 1=1 --"}, ()),
        ({"model": "' OR 1=1 --"}, ()),
        ({"tag": "\ud83d"}, ()),
        ({"trash": True}, ()),
        ({"search": "circle", "rating": 5, "model": "odd"}, (3, 9)),
    ],
)
def test_filters(listed, where, found):
    page = listed.find(Filter(**where), Order("created", False), 20)
    assert [run.request["seed"] for run in page.runs] == list(found)
    assert page.total == listed.find(Filter(**where), Order(), 1).total == len(list(found))


def test_orders(listed):
    def seeds(*order):
        return [run.request["seed"] for run in listed.find(Filter(), Order(*order), 20).runs]

    assert seeds("pinned") == [4, 9, 8, 7, 6, 5, 3, 2, 1, 0]
    assert seeds("rating")[:4] == [9, 6, 3, 0] and seeds("duration") == list(range(10))
    assert seeds("picture", False) == list(range(10)) and seeds("model", False)[:5] == [8, 6, 4, 2, 0]
    with pytest.raises(ValueError, match="no order"):
        Order("id; DROP TABLE runs")


def test_what_was_said_before_a_question_is_found_as_long_as_it_is_there(history):
    said = {
        "conversation": [{"role": "system", "content": ["You name 颜色."]}, {"role": "user", "content": [0, "Above?"]}]
    }
    plain = make_run(1, prompt="alone")
    follows = replace(plain, run_id="0123456789abcdef", prompt="And right?", request=plain.request | said)
    for run in (plain, follows):
        history.record(run)
    for search in ("name", "颜", "above right"):
        assert [run.prompt for run in history.recent(10, search=search)] == ["And right?"]
    (found,) = history.recent(10, search="above")
    assert found.asked == "Above? › And right?" and found.earlier == "You name 颜色.\nAbove?" and plain.earlier == ""
    history.record(replace(follows, request=plain.request))
    assert not history.recent(10, search="name") and len(history.recent(10, search="right")) == 1
    history.delete(follows.run_id)
    assert not history.recent(10, search="颜") and not history.recent(10, search="right")
