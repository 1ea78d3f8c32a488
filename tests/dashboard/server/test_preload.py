"""What a server does before anybody asks."""

import logging

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import WorkersLost
from core.models.checkpoints import describe_model
from dashboard import logs, resources
from dashboard.jobs.backends import WorkerBackend
from dashboard.jobs.sample_scenes import sample_question
from dashboard.server import app as serving
from dashboard.server import preload as preloading
from dashboard.server.preload import Preload


class Workers(WorkerBackend):
    """Stands for workers; notes what they load."""

    def __init__(self, explainer, error=None) -> None:
        self.explainer, self.error, self.loaded = explainer, error, []

    def get(self, card):
        return self.explainer

    def load(self, card) -> None:
        if self.error is not None:
            raise self.error
        self.loaded.append(card.fingerprint)


@pytest.fixture
def workers(explainer, monkeypatch) -> Workers:
    monkeypatch.setenv("SMOOTHCAM_WORKERS", "1")
    found = Workers(explainer)
    monkeypatch.setattr(resources, "open_backend", lambda settings: found)
    return found


def preloaded(wait_until) -> None:
    loading = Preload()
    assert loading.start()
    loading.join()
    wait_until(lambda: not resources.jobs().active())


def test_the_default_model_is_loaded_and_the_sample_question_answered(workers, storage, wait_until):
    card = describe_model(device="cpu")
    preloaded(wait_until)
    assert workers.loaded == [card.fingerprint]
    row = storage.runs.get(sample_question(card).id)
    assert (row.picture_name, row.who, row.origin) == ("Sample scene 1", "", "")
    # A server that begins with it loads the model and asks nothing.
    asked = len(workers.explainer.asked)
    assert asked == 1
    preloaded(wait_until)
    assert len(workers.loaded) == 2 and len(workers.explainer.asked) == asked


def test_a_server_with_runs_asks_nothing(workers, stored, explainer, wait_until):
    stored()
    preloaded(wait_until)
    assert workers.loaded and not explainer.asked


@pytest.mark.parametrize("settings", [{"PRELOAD": "false"}, {"WORKERS": "0"}])
def test_settings_say_not_to(workers, monkeypatch, settings):
    for name, value in settings.items():
        monkeypatch.setenv(f"SMOOTHCAM_{name}", value)
    resources.settings.clear()
    assert not Preload().start()


@pytest.mark.parametrize("error", [WorkersLost("No worker."), RuntimeError("what nobody expects")])
@pytest.mark.parametrize("is_ending", [False, True])
def test_a_failure_is_a_line_in_the_log_unless_the_server_ends(workers, caplog, error, is_ending):
    workers.error, loading = error, Preload()
    if is_ending:
        loading.stop()
    with caplog.at_level(logging.WARNING, preloading.__name__):
        loading.start()
        loading.join()
    lines = [record.getMessage() for record in caplog.records if record.name == preloading.__name__]
    assert len(lines) == (0 if is_ending else 1)


def test_the_server_begins_and_ends_with_it(monkeypatch):
    told = []
    monkeypatch.setattr(logs, "configure", lambda *settings: None)
    monkeypatch.setattr(Preload, "start", lambda self: told.append("start"))
    monkeypatch.setattr(Preload, "stop", lambda self: told.append("stop"))
    monkeypatch.setattr(serving._ServerState, "pages", lambda self: 0)
    with TestClient(Starlette(lifespan=serving.app_parts()["lifespan"])):
        assert told == ["start"]
    assert told == ["start", "stop"]
