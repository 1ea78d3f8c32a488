"""What an answer rests on: measured once, drawn word by word, and the colours of its chips."""

import json
from dataclasses import replace

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from tests.dashboard.interventions import reliance, store
from tests.dashboard.pages import chart, sentences

TEXT = "In the right half"


@pytest.fixture
def run(ask, explain):
    return gather([explain(request, TEXT) for request in whole_run(ask().request)])


def chips(app) -> dict:
    """What the answer's chips were told."""
    told = [each.proto.json for each in app.get("bidi_component") if "chips" in each.proto.component_name]
    return json.loads(told[0])


def words_chart(app) -> dict:
    """The chart of words."""
    charts = [chart(app, number) for number in range(len(app.get("plotly_chart")))]
    return next(each for each in charts if each["data"][0]["name"] == "picture")


def test_it_is_measured_by_one_click(visit, stored, without_model, monkeypatch, wait_until):
    def measure(explainer, pictures, request, fills, answer, *, on_step):
        return reliance(explainer.make_result(request, answer.text))

    monkeypatch.setattr("core.interventions.reliance.reliance", measure)
    name = stored(TEXT)
    app = visit("compute", run=name, tab="What if")
    assert chips(app)["pieces"]["tokens"][0]["rests"] is None
    app.button(key="begin-reliance").click().run()
    wait_until(lambda: not resources.jobs().get(f"{name}-reliance").is_active)
    app.run()
    assert [trace["name"] for trace in words_chart(app)["data"]] == ["picture", "question", "answer so far"]
    assert "**This word rests on the picture.**" in sentences(app)
    assert "Without the picture its log p falls by 2.00, without the question by 0.50" in sentences(app)


def test_a_word_for_which_the_picture_hardly_matters_is_said_to_be_one(visit, stored, storage, run):
    found = reliance(run)
    tokens = (found.tokens[0], replace(found.tokens[1], picture=(0.1, 0.0, -0.1)), *found.tokens[2:])
    store(replace(found, tokens=tokens), run, storage)
    app = visit("compute", run=stored(TEXT), tab="What if", **{"resting-word": "2: the"})
    assert "**The picture hardly matters for this word.**" in sentences(app)
    rests = [piece["rests"] for piece in chips(app)["pieces"]["words"]]
    assert [each["picture"] for each in rests] == [2.0, 0.0, 2.0, 2.0]
    assert rests[1]["said"] == "The picture hardly matters for this word."
    assert {each["so_far"] for each in rests} == {-0.3}


def test_what_another_answer_rests_on_is_not_shown(visit, stored, storage, run):
    store(replace(reliance(run), answer="left"), run, storage)
    app = visit("compute", run=stored(TEXT), tab="What if")
    assert app.button(key="begin-reliance") and chips(app)["pieces"]["tokens"][0]["rests"] is None
