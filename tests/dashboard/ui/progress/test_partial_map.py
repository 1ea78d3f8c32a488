"""The map of a run while it is still being averaged."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import Progress
from core.schema.run_requests import whole_run
from dashboard.ui.progress.partial_map import partial_map_panel, relative_error, stderr_figure
from tests.waiting import PATIENCE


def test_the_relative_error_is_that_of_the_means():
    heat, stderr = np.array([[1.0, 3.0]]), np.array([[0.1, 0.3]])
    assert relative_error(heat, stderr) == pytest.approx(0.1)
    assert np.isnan(relative_error(np.zeros((1, 2)), stderr))
    assert np.isnan(relative_error(heat, np.full((1, 2), np.nan)))


def test_the_chart_is_in_per_cent_over_all_samples_to_come():
    figure = stderr_figure({2: 0.5, 8: 0.25}, 30)
    assert list(figure.data[0].x) == [2, 8] and list(figure.data[0].y) == [50, 25]
    assert tuple(figure.layout.xaxis.range) == (1, 30)
    assert "%" in figure.layout.yaxis.title.text and "samples" in figure.layout.xaxis.title.text


def _draw(question, progress):
    import streamlit as st

    from dashboard.ui.progress.partial_map import partial_map_panel

    partial_map_panel("job", progress, question)
    st.session_state["seen"] = st.session_state["session"].steadying


def drawn(*what) -> AppTest:
    return AppTest.from_function(_draw, args=what, default_timeout=PATIENCE).run()


def partial(ask, explain, done: int, **changes) -> tuple:
    question = ask(**changes)
    parts = tuple(explain(request, num_samples=done) for request in whole_run(question.request))
    return question, Progress("samples", done, question.request.num_samples, parts)


def test_any_map_can_be_watched_and_the_error_is_remembered(ask, explain):
    app = drawn(*partial(ask, explain, 4))
    assert not app.exception
    assert app.select_slider[0].options == ["combined map", *map(str, range(8))]
    app.select_slider[0].set_value(6).run()
    assert not app.exception
    name, seen = app.session_state["seen"]
    assert name == "job" and list(seen) == [4] and len(seen[4]) == 9
    # explain() makes the summed squares a tenth of the heat; of four samples the error is sqrt(sum / 12).
    heat = explain(ask(layers=(6,)).request).heat[0]
    assert seen[4][6] == pytest.approx(np.sqrt(heat / 10 / 12).mean() / heat.mean())


def test_one_sample_has_a_map_and_no_error(ask, explain):
    app = drawn(*partial(ask, explain, 1))
    assert not app.exception
    assert "The standard error is known from the second sample on." in [caption.value for caption in app.caption]


def test_a_method_with_one_map_has_nothing_to_choose(ask, explain):
    app = drawn(*partial(ask, explain, 4, method="combined", layers=()))
    assert not app.exception and not app.select_slider


def test_a_partial_map_is_drawn_over_the_picture_that_it_is_of(ask_all, explain, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "dashboard.ui.progress.partial_map.overlay", lambda pixels, heat: drawn.append(pixels) or pixels
    )
    asked = ask_all(layers=(2,))
    part = explain(asked.request.of_picture(1), num_samples=1)
    partial_map_panel("job", Progress("samples", 1, 4, (part,)), asked)
    assert np.array_equal(drawn[0], asked.pictures[1].preview)
