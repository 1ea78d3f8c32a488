"""Which of several pictures of a prompt is looked at."""

from dataclasses import replace

import numpy as np
import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run
from dashboard.ui.viewer.picture_chooser import shares
from tests.dashboard.pages import texts
from tests.dashboard.uploading import captions


def parameters(app) -> dict[str, str]:
    table = next(each.value for each in app.dataframe if "parameter" in each.value)
    return dict(zip(table["parameter"], table["value"], strict=True))


def test_the_page_shows_the_picture_of_the_address(visit, stored_all):
    name = stored_all()
    app = visit("compute", run=name, image="3", tab="Parameters")
    assert app.segmented_control(key="image").value == "3"
    assert {"1: two-halves.…", "2: b & c.png", "3: c.png"} <= set(texts(app))
    assert "50% of the heat" in captions(app)
    assert parameters(app)["Maps of"] == "picture 3"
    app.segmented_control(key="image").set_value("2").run()
    assert parameters(app)["Maps of"] == "picture 2" and parameters(app)["Run"] == name
    assert parameters(app)["Picture 3"] == "c.png, 84 × 56 pixels" and not app.exception


def test_an_address_with_a_picture_that_is_not_there_shows_the_first(visit, stored_all):
    app = visit("compute", run=stored_all(), image="7")
    assert app.segmented_control(key="image").value == "1"


def test_a_run_of_one_picture_has_no_chooser(visit, stored):
    app = visit("compute", run=stored(), image="2")
    assert not [each for each in app.segmented_control if each.key == "image"]


@pytest.mark.parametrize("method", ["gradient_deviation", "gradcam"])
def test_shares_are_of_the_heat_of_all_pictures_at_one_layer(stored_all, method):
    run = open_run(stored_all(method=method))
    assert shares(run) == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert shares(run.of_picture(1)) == shares(run)


def test_shares_compare_one_layer_where_the_pictures_recommend_different_ones(ask_all, explain):
    def make(request):
        # Layer 0 of the first picture is like its combined map, layer 1, a thousand times as hot, of the others.
        left, right = np.array([[2.0, 1, 1]] * 2, np.float32), np.array([[1.0, 1, 2]] * 2, np.float32)
        if request.method == "combined":
            heat = (left if request.picture == 0 else right)[None]
        else:
            heat = np.stack([left, 1000 * right])
        return replace(explain(request), heat=heat, squared_deviation=0 * heat)

    question = ask_all(method="gradcam", layers=(0, 1))
    result = gather([make(request) for request in whole_run(question.request)])
    assert [each.asked for each in result.pictures] == [("gradcam", 0), ("gradcam", 1), ("gradcam", 1)]
    assert shares(LoadedRun(result, question.chosen, pictures=question.pictures)) == pytest.approx([1 / 3] * 3)


def test_pictures_without_heat_have_no_share(ask_all, explain):
    question = ask_all()
    parts = [explain(request) for request in whole_run(question.request)]
    blank = gather([replace(each, heat=0 * each.heat) for each in parts])
    assert shares(LoadedRun(blank, question.chosen, pictures=question.pictures)) == [0.0, 0.0, 0.0]
