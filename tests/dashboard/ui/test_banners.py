"""What pages say about the server and its models before anything else."""

import pytest

from dashboard.map_words import about_method
from dashboard.session.keys import FormKey
from tests.dashboard.pages import sentences


def test_compute_begins_with_scenes_and_is_honest_about_its_model(visit):
    app = visit("compute")
    assert app.button(key="start-use-0")
    assert "knows only drawn scenes and clips of coloured shapes" in sentences(app)
    assert ["SMOOTHCAM_MODELS" in caption.help for caption in app.caption if caption.value.startswith("Model:")] == [
        True
    ]


@pytest.mark.parametrize("page", ["compute", "batch"])
def test_a_method_that_is_mostly_false_comes_with_its_warning(visit, page):
    app = visit(page)
    assert not app.warning
    app.selectbox(key=FormKey.METHOD).set_value("gradcam").run()
    assert [warning.value for warning in app.warning] == [about_method("gradcam", "decoder")]
    app.segmented_control(key=FormKey.WHERE).set_value("tower").run()
    assert [warning.value for warning in app.warning] == [about_method("gradcam", "tower")]
    app.selectbox(key=FormKey.METHOD).set_value("llava_cam").run()  # which reads the decoder alone
    assert [warning.value for warning in app.warning] == [about_method("llava_cam", "decoder")]


def test_an_unusable_data_folder_is_said_and_people_can_still_work(visit, data_folder):
    data_folder.write_text("a file in the way")
    app = visit("compute")
    assert ["runs are kept in a temporary folder" in warning.value for warning in app.warning] == [True]
    assert app.button(key="start-use-0")


def test_an_unusable_setting_is_said_instead_of_a_traceback(visit, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORE_GIGABYTES", "lots")
    app = visit("history")
    assert ["SMOOTHCAM_STORE_GIGABYTES" in error.value for error in app.error] == [True]
