"""What stands on Compute and Batch while the chosen model is fetched, was stopped, or cannot be used."""

import pytest

from dashboard.jobs import model_catalogue
from dashboard.session.keys import FormKey
from tests.core.models.folders.hub_server import serving
from tests.core.models.folders.making import HUB_ID, plain
from tests.dashboard.pages import sentences


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", HUB_ID)
    monkeypatch.setattr(model_catalogue, "PATIENCE", 0.0)
    with serving(monkeypatch, tmp_path / "cache") as hub:
        hub.folders[HUB_ID] = plain(tmp_path)
        hub.pace.clear()
        yield hub


def button(app, key):
    return next((each for each in app.button if each.key == key), None)


def bar(app) -> str:
    return next((each.proto.text for each in app.get("progress")), "")


@pytest.mark.parametrize("page", ["compute", "batch"])
def test_a_model_is_fetched_with_a_bar_stopped_and_fetched_again(visit, hub, wait_until, page):
    app = visit(page)
    app.selectbox(key=FormKey.MODEL).set_value(HUB_ID).run()
    assert "is being fetched from the hub, once for everybody" in sentences(app)
    wait_until(lambda: "of 7.6 MB" in bar(app.run()))
    button(app, "stop-model").click().run()
    wait_until(lambda: button(app.run(), "fetch-model") is not None)
    assert "The download was stopped. What has come of it is kept." in sentences(app)
    hub.pace.set()
    button(app, "fetch-model").click().run()
    wait_until(lambda: "fetch" not in sentences(app.run()) and not bar(app))
    assert not app.error and button(app, "stop-model") is None and button(app, "fetch-model") is None


def test_a_model_that_cannot_be_fetched_says_why_and_others_stay(visit, hub, wait_until):
    hub.refused[HUB_ID] = 403, "GatedRepo"
    app = visit("compute")
    app.selectbox(key=FormKey.MODEL).set_value(HUB_ID).run()
    wait_until(lambda: "who have accepted its licence" in " ".join(each.value for each in app.run().error))
    app.selectbox(key=FormKey.MODEL).set_value("embedded").run()
    assert not app.error
