"""What Prometheus and the log hear of jobs."""

import logging

from dashboard.jobs.telemetry import REGISTRY, observe


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
