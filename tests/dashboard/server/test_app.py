"""The addresses beside the pages, and what a job of the services leaves in log and numbers."""

import logging
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cache import Asker, StoreError
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


def test_private_jobs_are_counted_whoever_reads_the_numbers(
    client, ask, explainer, interrupt, option, wait_until, monkeypatch
):
    option("server.trustedUserHeaders", {"X-User": "name"})  # nobody is signed in where numbers are read
    backend = type("Backend", (), {"get": lambda self, card: explainer})()
    monkeypatch.setattr(resources, "open_backend", lambda settings: backend)
    private = Asker("ada", private=True)
    interrupt(replace(ask(prompt="left"), asker=private))
    before = client.get("/metrics").text
    assert number(before, "smoothcam_jobs_interrupted") == 1
    jobs = resources.jobs()
    jobs.submit(replace(ask(num_samples=3), asker=private), "page", "ada")
    wait_until(lambda: not jobs.active())
    after = client.get("/metrics").text
    grown = {
        name: number(after, name) - number(before, name)
        for name in ('smoothcam_jobs_total{outcome="done"}', "smoothcam_job_samples_total")
    }
    assert grown == {'smoothcam_jobs_total{outcome="done"}': 1, "smoothcam_job_samples_total": 3}
    assert number(after, "smoothcam_job_seconds_total") > number(before, "smoothcam_job_seconds_total")


def test_numbers_are_read_without_a_line_even_where_a_part_of_them_is_not_there(client, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG, "dashboard")
    assert "\nsmoothcam_jobs_interrupted " in client.get("/metrics").text

    def broken(log):
        raise StoreError("The list of jobs cannot be read.")

    monkeypatch.setattr(type(resources.storage().jobs), "interrupted", broken)
    text = client.get("/metrics").text
    assert "smoothcam_jobs_interrupted" not in text and "smoothcam_jobs_active" in text
    assert [record.getMessage() for record in caplog.records if record.name.startswith("dashboard")] == []


def test_damage_is_said_in_health_and_metrics_until_it_is_acknowledged(client, storage, monkeypatch):
    async def fine() -> None:
        pass

    monkeypatch.setattr(serving, "checks", lambda settings: {"page": fine})
    name = "history/runs.sqlite.broken-20260102T030405.000000Z"
    (storage.folder / name).write_bytes(b"x")
    with TestClient(Starlette(routes=[serving.routes(Settings())[0]])) as running:
        answer, strict = running.get("/health"), running.get("/health?strict")
        assert (answer.status_code, strict.status_code) == (200, 503)
        assert answer.json() == {"status": "degraded", "parts": {"page": "ok", "data": "damaged"}, "damaged": [name]}
        assert number(client.get("/metrics").text, 'smoothcam_data_damage{part="history"}') == 1
        storage.acknowledge_damage()
        assert running.get("/health?strict").json() == {"status": "ok", "parts": {"page": "ok"}}
    assert number(client.get("/metrics").text, 'smoothcam_data_damage{part="history"}') == 0
