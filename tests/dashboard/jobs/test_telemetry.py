"""What Prometheus and the log hear of jobs."""

import logging

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cache.results.lookups import Lookups
from dashboard.jobs.job import Job
from dashboard.jobs.telemetry import REGISTRY, observe
from dashboard.server.metrics import StateCollector


@pytest.fixture
def job(ask):
    """Makes jobs: `job("done", 2.0)`."""

    def make(state: str, seconds: float = 0.0) -> Job:
        question = ask(prompt="a secret prompt")
        return Job(question, state, "", 0, 1, None, False, seconds, None, None, None)

    return make


def total(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_jobs_are_counted_by_how_they_ended(job):
    before = {name: total("smoothcam_jobs_total", outcome=name) for name in ("done", "cancelled", "failed")}
    seconds = total("smoothcam_job_seconds_total")
    for state, took in [("queued", 0.0), ("running", 1.0), ("done", 2.0), ("cancelled", 0.5), ("done", 1.0)]:
        observe(job(state, took))
    after = {name: total("smoothcam_jobs_total", outcome=name) for name in before}
    assert {name: after[name] - before[name] for name in before} == {"done": 2, "cancelled": 1, "failed": 0}
    assert total("smoothcam_job_seconds_total") - seconds == 3.5


def test_every_outcome_is_there_before_the_first_of_its_kind():
    assert REGISTRY.get_sample_value("smoothcam_jobs_total", {"outcome": "failed"}) is not None


def test_each_change_is_a_line_with_the_id_and_without_the_prompt(job, caplog):
    caplog.set_level(logging.INFO, "dashboard.jobs.telemetry")
    made = job("failed", 1.5)
    observe(made)
    observe(job("running"))
    failed, running = caplog.records
    assert (failed.job, failed.state, failed.seconds, failed.levelname) == (made.id, "failed", 1.5, "WARNING")
    assert (running.job, running.levelname) == (made.id, "INFO")
    assert "secret" not in str([vars(record) for record in caplog.records])


def test_the_present_state_is_looked_up(job):
    class Source:
        def active(self):
            return [job("running"), job("queued"), job("queued")]

        def interrupted(self):
            return 2

        def lookups(self):
            return Lookups(hits=7, misses=3)

        def pages(self):
            return 4

    registry = CollectorRegistry()
    registry.register(StateCollector(Source()))
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }
    assert found == {
        ("smoothcam_jobs_active", "queued"): 2,
        ("smoothcam_jobs_active", "running"): 1,
        ("smoothcam_jobs_interrupted",): 2,
        ("smoothcam_lookups_total", "hit"): 7,
        ("smoothcam_lookups_total", "miss"): 3,
        ("smoothcam_pages_open",): 4,
    }
