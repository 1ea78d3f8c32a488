"""The addresses beside the pages, and what a job of the services leaves in log and numbers."""

import logging

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cache.results.lookups import Lookups, read_lookups
from dashboard import logs, resources
from dashboard.server import app as serving
from dashboard.services import submit
from dashboard.settings import Settings
from dashboard.storage.data_folder import results_folder


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(serving._ServerState, "pages", lambda self: 3)  # there is no Streamlit server here
    return TestClient(Starlette(routes=serving.routes(Settings())))


def number(text: str, name: str) -> float:
    return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[-1])


def test_a_job_of_the_services_is_counted_and_logged(client, ask, explainer, wait_until, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "dashboard")
    seen = []

    class Backend:
        def get(self, card):
            seen.append(logs._job.get())
            return explainer

    monkeypatch.setattr(resources, "open_backend", lambda settings: Backend())
    before = client.get("/metrics").text
    question = ask(num_samples=2)
    assert submit.explain(question).state in ("queued", "running")
    wait_until(lambda: not resources.jobs().active())
    submit.explain(question)  # a hit
    after = client.get("/metrics").text

    def grown(name: str) -> float:
        return number(after, name) - number(before, name)

    assert grown('smoothcam_jobs_total{outcome="done"}') == 1
    assert grown('smoothcam_jobs_total{outcome="failed"}') == 0
    assert grown('smoothcam_lookups_total{outcome="miss"}') == 1
    assert grown('smoothcam_lookups_total{outcome="hit"}') == 1
    assert grown("smoothcam_job_seconds_total") > 0
    assert number(after, "smoothcam_pages_open") == 3
    assert number(after, "smoothcam_jobs_interrupted") == 0
    assert seen == [question.id], "what is logged within a job does not name it"
    states = [line.state for line in caplog.records if getattr(line, "job", None) == question.id]
    assert states == ["queued", "running", "done"]


def test_a_server_that_ends_writes_what_it_has_counted(ask, data_folder, monkeypatch):
    monkeypatch.setattr(logs, "configure", lambda *settings: None)
    with TestClient(Starlette(lifespan=serving.app_parts()["lifespan"])):
        assert resources.storage().results.get_all([ask().request]) is None
        assert read_lookups(results_folder(data_folder) / "cache.db") == Lookups()
    assert read_lookups(results_folder(data_folder) / "cache.db") == Lookups(misses=1)


def test_health_answers_with_each_part(monkeypatch):
    async def fine() -> None:
        pass

    async def broken() -> None:
        raise OSError("/srv/data is full")

    monkeypatch.setattr(serving, "checks", lambda settings: {"page": fine, "results": broken})
    with TestClient(Starlette(routes=[serving.routes(Settings())[0]])) as running:
        answer = running.get("/health")
    assert answer.status_code == 503 and answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"status": "failing", "parts": {"page": "ok", "results": "failing"}}
