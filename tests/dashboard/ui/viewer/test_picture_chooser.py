"""Which of several pictures of a prompt is looked at."""

import numpy as np
import pytest

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


def test_shares_are_of_the_heat_of_all_pictures(stored_all, monkeypatch):
    run = open_run(stored_all())
    assert shares(run) == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert shares(run.of_picture(1)) == shares(run)
    monkeypatch.setattr(type(run.result), "headline", np.zeros((2, 3)))
    assert shares(run) == [0.0, 0.0, 0.0]
