"""Home: how to begin, a run to look at, the latest runs, and what is stored."""

from dataclasses import replace

import pytest

from core.models.checkpoints import describe_model
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.jobs.persist import keep
from dashboard.jobs.sample_scenes import sample_question
from dashboard.session.keys import FormKey
from dashboard.ui.home.sample_run import HIGHEST
from tests.dashboard.pages import maps_shown, sentences, texts, viewer_head


@pytest.fixture
def question():
    """The sample question, as this server asks it."""
    return sample_question(describe_model(device="cpu"))


@pytest.fixture
def answered(question, explain, storage):
    """The sample run, stored; returns its name."""
    return keep(question, gather([explain(each) for each in whole_run(question.request)]), storage, seconds=2.0).id


def alts(app) -> list[str]:
    return [picture.proto.imgs[0].alt for picture in app.get("image")]


def links(app) -> list[tuple[str, str]]:
    return [(link.proto.label, link.proto.query_string) for link in app.get("page_link")]


def test_one_primary_button_leads_to_the_form(visit):
    app = visit("home")
    assert [button.label for button in app.button if button.proto.type == "primary"] == ["Ask about a picture or video"]
    app.button(key="ask").click().run()
    assert app.text_area(key=FormKey.PROMPT)


def test_where_nobody_has_run_anything_a_scene_can_be_asked_about_with_one_click(visit, without_model, wait_until):
    app = visit("home")
    assert "Nobody has run anything here yet" in sentences(app)
    assert "Latest runs" not in [each.value for each in app.subheader]
    app.button(key="home-use-2").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert len(without_model.asked) == 1 and app.query_params["run"]
    assert app.text_area(key=FormKey.PROMPT).value == without_model.asked[0][0][0].prompt


def test_the_sample_run_is_there_to_look_at(visit, answered, question, stored):
    stored(prompt="another")
    app = visit("home")
    assert maps_shown(app)[0] == "combined" and viewer_head(app)["highest"] == HIGHEST
    assert links(app) == [("Open it with everything", f"run={answered}"), ("Open", links(app)[1][1])]
    asked = [text for text in texts(app) if question.request.prompt in text or text == "another"]
    assert len(asked) == 2 and asked[1] == "another"  # it does not stand among the latest once more


def test_a_sample_run_that_is_on_its_way_says_what_it_waits_for(visit, question, held):
    resources.jobs().submit(question, "the server itself")
    app = visit("home")
    assert alts(app) == ["The sample run's picture"]
    assert links(app) == [("Watch it being computed", f"run={question.id}")]
    assert "Starting the process that computes" in sentences(app)


def test_home_shows_the_latest_runs_and_the_store(visit, stored, stored_by):
    for number in range(5):
        stored(prompt=f"question {number}")
    stored_by("ada", prompt="question 5", method="gradcam")
    app = visit("home")
    assert [text for text in texts(app) if text.startswith("question")] == [
        f"question {number}" for number in (5, 4, 3, 2)
    ]
    facts = [text for text in texts(app) if " UTC · " in text]
    assert len(facts) == 4 and facts[0].endswith(" UTC · ada · Grad-CAM (as in the original)")
    assert not app.metric and "Runs in History: 6 · stored results: " in sentences(app)
    assert alts(app)[-4:] == ["Overlay of the combined map, or of the run's only one"] * 4


@pytest.mark.parametrize("damage", [b"RIFF of nothing", b"\x89PNG\r\n\x1a\n", b""])
def test_a_damaged_thumbnail_costs_home_no_more_than_itself(visit, stored, storage, damage):
    run = storage.runs.get(stored())
    storage.runs.record(replace(run, thumbnail=damage))
    app = visit("home")
    assert not app.exception and not [alt for alt in alts(app) if alt.startswith("Overlay")]
    assert "Where is the red half?" in [element.value for element in app.text]


def test_in_chinese(visit, stored):
    stored(prompt="Where is Home?")
    app = visit("home")
    app.session_state["language"] = "zh_Hans"
    app.run()
    assert "回答从何而来？" in [header.value for header in app.header]
    assert "Where is Home?" in texts(app) and "历史中的运行记录：1" in sentences(app)
