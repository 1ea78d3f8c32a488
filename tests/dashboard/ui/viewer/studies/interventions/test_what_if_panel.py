"""A part of the picture is chosen, and what the model says without it is shown, listed and linked."""

import json

import pytest

from core import ModelError
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from tests.dashboard.interventions import BOX, store, what_if
from tests.dashboard.pages import chart, sentences

CANVAS = "smooth_gradcam_region"
HOT = "1:3;2:3"
"""The cells that hold half of the heat of `explain`'s maps."""


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def asked(monkeypatch):
    """What `what_if` was asked; it answers with what was made by hand."""
    asked = []

    def answer(explainer, pictures, request, removal, fills, answer, *, on_step):
        asked.append(removal)
        on_step("Asking again", 1, 3)
        found = explainer.make_result(request)
        return what_if(found, region=removal.region, cells=removal.cells, keep=removal.keep, picture=removal.picture)

    monkeypatch.setattr("core.interventions.what_if.what_if", answer)
    return asked


def canvas(app) -> dict:
    """What the picture to draw on was told."""
    (element,) = [each for each in app.get("bidi_component") if each.proto.component_name == CANVAS]
    return json.loads(element.proto.json)


def probabilities(app) -> dict:
    """The chart of tokens."""
    charts = [chart(app, number) for number in range(len(app.get("plotly_chart")))]
    return next(each for each in charts if each["data"][0]["name"] == "whole picture")


def test_nothing_is_chosen_at_first(visit, stored):
    app = visit("compute", run=stored(), tab="What if")
    assert "Nothing is chosen yet" in sentences(app)
    told = canvas(app)
    assert tuple(told["grid"]) == (2, 3) and told["cells"] == [] == told["outline"]


def test_a_link_shows_what_was_found(visit, stored, storage, run):
    name = stored()
    store(what_if(run), run, storage)
    app = visit("compute", run=name, tab="What if", **{"what-if": BOX})
    said = sentences(app)
    assert "**Without that part the answer changes with 3 of 3 fills.** The answer needs what is there." in said
    assert said.count(":orange-background[**left**]") == 3
    assert canvas(app)["outline"] == [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]
    assert [trace["name"] for trace in probabilities(app)["data"]] == ["whole picture", "Blur", "Mean colour", "Noise"]
    # The same part kept alone is another question.
    app = visit("compute", run=name, tab="What if", **{"what-if": BOX, "intervention": "keep"})
    assert app.button(key="begin-what-if-keep-region-0.0,0.0;0.5,0.5").label == "Ask with this part alone"


def test_the_hottest_cells_are_removed_by_one_click_and_listed(visit, stored, without_model, asked, wait_until):
    app = visit("compute", run=stored(), tab="What if")
    app.button(key="what-if-hottest").click().run()
    assert app.query_params["what-if"] == HOT
    job = f"{app.query_params['run']}-what-if-remove-cells-0,2;1,2"
    wait_until(lambda: not resources.jobs().get(job).is_active)
    assert "the answer changes with 3 of 3 fills" in sentences(app.run())
    assert [each.cells for each in asked] == [((0, 2), (1, 2))] and canvas(app)["cells"] == [[0, 2], [1, 2]]
    open_one = app.button(key="what-if-open-0")
    assert open_one.label == "25% removed: 3 of 3 changed" and open_one.disabled
    app.button(key="what-if-clear").click().run()
    assert "Nothing is chosen yet" in sentences(app) and "what-if" not in app.query_params
    app.button(key="what-if-open-0").click().run()
    assert "the answer changes with 3 of 3 fills" in sentences(app) and app.query_params["what-if"] == HOT


def test_an_earlier_one_is_opened_as_it_was_asked(visit, stored, storage, run):
    name = stored()
    store(what_if(run, HOT), run, storage)
    store(what_if(run, keep=True, changed=0), run, storage)
    app = visit("compute", run=name, tab="What if", **{"what-if": HOT})
    labels = [app.button(key=f"what-if-open-{number}").label for number in range(2)]
    assert labels == ["75% kept: 0 of 3 changed", "25% removed: 3 of 3 changed"]
    app.button(key="what-if-open-0").click().run()
    assert "With nothing but that part" in sentences(app)
    assert app.query_params["what-if"] == BOX and app.query_params["intervention"] == "keep"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("0.1,0.2;1.5,0.8", "A region's corners lie in the picture: numbers from 0 to 1."),
        ("9:9", r"Cell 9\:9 lies off the map, which has 2 rows and 3 columns."),
    ],
)
def test_what_is_no_part_of_the_picture_is_said_and_forgotten(visit, stored, named, said):
    app = visit("compute", run=stored(), tab="What if", **{"what-if": named})
    assert f"What was chosen in the picture cannot be used. {said}" in sentences(app)
    assert "Nothing is chosen yet" in sentences(app) and "what-if" not in app.query_params


@pytest.mark.parametrize(
    ("named", "action", "said"),
    [
        ("0,0;1,1", "", "Nothing of the picture would be left"),
        ("1:1-3;2:1-3", "keep", "Nothing would be removed"),
    ],
)
def test_the_whole_picture_is_not_asked_about(visit, stored, named, action, said):
    app = visit("compute", run=stored(), tab="What if", **{"what-if": named, "intervention": action})
    assert said in sentences(app)
    assert not any(button.key.startswith("begin-what-if") for button in app.button)


def test_typing_chooses_and_what_is_typed_wrongly_is_said(visit, stored):
    app = visit("compute", run=stored(), tab="What if")
    app.text_input(key="what-if-typed-").set_value(" 2:1 ").run()
    assert canvas(app)["cells"] == [[1, 0]]
    app.text_input(key="what-if-typed-2:1").set_value("2:").run()
    assert r"Cells are written as row\:column" in sentences(app)


def test_the_part_is_kept_or_removed(visit, stored):
    app = visit("compute", run=stored(), tab="What if", **{"what-if": BOX})
    app.segmented_control(key="what-if-action-False").set_value(True).run()
    assert app.query_params["intervention"] == "keep"
    assert app.button(key="begin-what-if-keep-region-0.0,0.0;0.5,0.5")
    app.segmented_control(key="what-if-action-True").set_value(False).run()
    assert "intervention" not in app.query_params
    assert app.button(key="begin-what-if-remove-region-0.0,0.0;0.5,0.5")


def test_a_run_whose_model_is_gone_says_so(visit, stored, monkeypatch):
    app = visit("compute", run=stored(), tab="What if", **{"what-if": BOX})
    monkeypatch.setattr(type(resources.catalogue()), "card_of", lambda catalogue, fingerprint: None)
    app.button(key="begin-what-if-remove-region-0.0,0.0;0.5,0.5").click().run()
    assert ["model of this run is not offered" in error.value for error in app.error] == [True]


def test_of_several_pictures_the_one_on_display_is_meant(visit, stored_all, without_model, asked, wait_until):
    app = visit("compute", run=stored_all(), tab="What if", image="2")
    assert "Picture 2 of 3; the others stay as they are." in sentences(app)
    app.button(key="what-if-hottest").click().run()
    job = f"{app.query_params['run']}-what-if-remove-cells-0,2;1,2-picture-2"
    wait_until(lambda: not resources.jobs().get(job).is_active)
    assert "changes with 3 of 3 fills" in sentences(app.run()) and [each.picture for each in asked] == [1]
    first = visit("compute", run=app.query_params["run"], tab="What if", image="1")
    assert not any(button.key.startswith("what-if-open") for button in first.button)


def test_an_answer_without_words_cannot_change(visit, stored):
    assert "nothing of it can change" in sentences(visit("compute", run=stored(text=""), tab="What if"))


def test_the_answers_of_models_are_no_markup(visit, stored, storage, run):
    name = stored()
    store(what_if(run, new="**bold** <b>x</b> [a](javascript:b)"), run, storage)
    app = visit("compute", run=name, tab="What if", **{"what-if": BOX})
    marked = next(element.value for element in app.markdown if "bold" in element.value)
    assert r"\*\*bold\*\* \<b\>x\</b\> \[a\]\(javascript\:b\)" in marked


def test_the_error_of_a_what_if_is_said(visit, stored, without_model, monkeypatch, wait_until):
    def fail(*asked, **named):
        raise ModelError("The model cannot be asked again.")

    monkeypatch.setattr("core.interventions.what_if.what_if", fail)
    run = stored()
    app = visit("compute", run=run, tab="What if")
    app.button(key="what-if-hottest").click().run()
    wait_until(lambda: not resources.jobs().get(f"{run}-what-if-remove-cells-0,2;1,2").is_active)
    assert "The model cannot be asked again." in sentences(app.run())


def test_on_a_map_of_the_vision_tower_cells_are_the_decoders(visit, stored, without_model, asked, wait_until):
    app = visit(
        "compute", run=stored(part="tower", layers=(0, 1, 2, 3)), tab="What if", map="gradient_deviation", layer="2"
    )
    assert tuple(canvas(app)["grid"]) == (2, 3)
    app.button(key="what-if-hottest").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert [each.cells for each in asked] == [((0, 2), (1, 2))]


def test_an_imported_run_is_asked_as_it_came(visit, stored, without_model, asked, wait_until):
    app = visit("compute", run=stored(origin="0" * 64), tab="What if")
    app.button(key="what-if-hottest").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert "changes with 3 of 3 fills" in sentences(app.run()) and len(asked) == 1
