"""How steady a map is while it is still being averaged."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import Progress
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.ui.progress.steadiness import relative_error, stderr_figure
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


def _draw(name, progress):
    import streamlit as st

    from dashboard.ui.progress.steadiness import steadiness_panel

    steadiness_panel(name, progress)
    st.session_state["seen"] = st.session_state["session"].steadying


def drawn(progress) -> AppTest:
    return AppTest.from_function(_draw, args=("job", progress), default_timeout=PATIENCE).run()


def partial(ask, explain, done: int, **changes) -> Progress:
    question = ask(**changes)
    parts = tuple(explain(request, num_samples=done) for request in whole_run(question.request))
    return Progress("samples", done, question.request.num_samples, parts)


def test_the_error_of_the_map_that_was_asked_for_is_remembered(ask, explain):
    for changes, method in (({}, "combined"), ({"method": "gradcam", "layers": (2, 5)}, "gradcam")):
        progress = partial(ask, explain, 4, **changes)
        app = drawn(progress)
        assert not app.exception
        name, seen = app.session_state["seen"]
        result = gather(progress.partial)
        assert result.asked[0] == method
        # explain() makes the summed squares a tenth of the heat; of four samples the error is sqrt(sum / 12).
        heat = result.headline
        assert name == "job" and seen == {4: pytest.approx(np.sqrt(heat / 10 / 12).mean() / heat.mean())}


def test_one_sample_has_no_error_yet(ask, explain):
    app = drawn(partial(ask, explain, 1))
    assert not app.exception
    assert "The standard error is known from the second sample on." in [caption.value for caption in app.caption]
