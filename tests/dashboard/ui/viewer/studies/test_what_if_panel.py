"""A part of the picture is chosen, and what the model says without it is shown, listed and linked."""

import json

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from tests.dashboard.interventions import BOX, store, what_if
from tests.dashboard.pages import chart, sentences

CANVAS = "smooth_gradcam_region"


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


def canvas(app) -> dict:
    """What the picture to draw on was told."""
    (element,) = [each for each in app.get("bidi_component") if each.proto.component_name == CANVAS]
    return json.loads(element.proto.json)


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
    drawn = next(chart(app, n) for n in range(len(app.get("plotly_chart"))))
    assert [trace["name"] for trace in drawn["data"]] == ["whole picture", "Blur", "Mean colour", "Noise"]
