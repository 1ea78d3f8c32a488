"""The tab Boxes: what the answer's boxes hold of the map on display, and maps of one of them."""

import pytest

from core.schema.target import Target
from dashboard.services.open import open_run
from dashboard.session import state
from dashboard.ui.viewer.studies import boxes_panel

# The model sees the picture of 84 x 56 pixels at 224 x 140.
TEXT = """[ {"bbox_2d": [112, 0, 224, 140], "label": "*right* :home:"}, {"point_2d": [230, 1]},
{"bbox_2d": [24, 25, 8, 5]} ]"""


def tabs(app):
    return [tab.label for tab in app.tabs]


def table(app):
    return next(frame.value for frame in app.dataframe if "lift" in frame.value)


def test_there_is_a_tab_only_where_the_answer_holds_boxes(visit, stored):
    assert "Boxes" in tabs(visit("compute", run=stored(TEXT)))
    assert "Boxes" not in tabs(visit("compute", run=stored("the right half, [1, 2, 3, 4]", prompt="Where?")))


def test_the_heat_of_the_map_on_display_is_told(visit, stored):
    app = visit("compute", run=stored(TEXT), tab="Boxes", layer="5")
    found = table(app)
    assert found["label"].tolist() == ["*right* :home:", "", ""]
    assert found["pixels"].tolist() == ["42, 0 – 84, 56", "no place in the picture", "3, 2 – 9, 10"]
    # Layer 5 has 5.1 in the right third, and 0.1 in each of the others. Of its three hottest cells of six, one is a
    # quarter of each of the four that are not in that third, and the box holds half of two of these.
    assert found["heat"][0] == pytest.approx(100 * 5.15 / 5.3) and found["lift"][0] == pytest.approx(2 * 5.15 / 5.3)
    assert found["overlap"][0] == pytest.approx(2.5 / 3.5)
    assert found["notes"].tolist() == [
        "",
        "It lies outside of the picture.",
        "Its corners are written the other way round, and were put right.",
    ]
    captions = [caption.value for caption in app.caption]
    assert any("pixels of the picture as the model saw it, 224 × 140" in caption for caption in captions)
    assert "Layer 5" in " ".join(element.value for element in app.markdown) and not app.exception


def test_where_nothing_is_known_that_is_said(visit, stored, monkeypatch):
    from dashboard import resources

    monkeypatch.setattr(type(resources.catalogue()), "card_of", lambda catalogue, fingerprint: None)
    app = visit("compute", run=stored(TEXT), tab="Boxes")
    assert set(table(app)["pixels"]) == {"no place in the picture"} and not app.exception
    assert any("was not kept with this result" in caption.value for caption in app.caption)


def test_what_was_left_out_is_said_where_there_is_no_box(visit, stored):
    app = visit("compute", run=stored('{"bbox_2d": [1, 2, 3]}'), tab="Boxes")
    assert any("Left out: 1 with another number" in caption.value for caption in app.caption)
    assert not app.dataframe and not app.exception


@pytest.mark.parametrize(
    ("key", "words"),
    [("box-all", "[112, 0, 224, 140],"), ("box-label", '"*right* :home:"},'), ("box-y2", "140],"), ("box-x1", "[112,")],
)
def test_a_click_asks_for_the_maps_of_a_box_or_a_part_of_it(visit, stored, without_model, wait_until, key, words):
    name = stored(TEXT)
    app = visit("compute", run=name, tab="Boxes")
    app.button(key=key).click().run()
    wait_until(lambda: without_model.asked)
    request = without_model.asked[0][0][0]
    assert request.prompt == open_run(name).request.prompt and request.target.kind == "tokens"
    answer = open_run(name).result.answer
    target = Target.tokens(request.target.start, request.target.stop)
    assert " ".join(answer.tokens[index].text for index in target.indices(answer)) == words


def test_another_box_is_chosen(visit, stored):
    app = visit("compute", run=stored(TEXT), tab="Boxes")
    assert app.selectbox(key="box-choice").options == [r"1 *right* :home:", "2", "3"]
    app.selectbox(key="box-choice").set_value(1).run()
    assert app.button(key="box-all").label == "Map this point" and app.button(key="box-x").label == "x 230"


def test_an_answer_without_places_of_its_tokens_is_refused_with_a_sentence(stored, monkeypatch):
    run = open_run(stored(TEXT))
    asked = []
    monkeypatch.setattr(boxes_panel, "ask_about", lambda run, target: asked.append(target))
    boxes_panel._ask(run, (10_000, 10_001))
    assert not asked and "without the places of its tokens" in state.session().refusal
