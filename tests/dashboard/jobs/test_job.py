"""A job as pages see it, made of what the queue holds of it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core import Progress
from dashboard.jobs.job import QueueEntry
from dashboard.jobs.question import Step


@pytest.fixture
def clock(monkeypatch):
    """The time by `time.monotonic`, which stands still until it is set."""
    now = [100.0]
    monkeypatch.setattr("dashboard.jobs.job.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_it_waits_runs_and_has_run(ask, clock):
    entry = QueueEntry(ask(), "anna", {"tab": "anna", "phone": "anna"})
    job = entry.snapshot(2)
    assert (job.id, job.state, job.person, job.ahead, job.waiters) == (ask().id, "queued", "anna", 2, 2)
    assert job.is_active and job.seconds == 0 and not job.stopping
    entry.state, entry.begun = "running", 100.0
    clock[0] = 104.0
    assert entry.snapshot(0).seconds == 4
    entry.state, entry.finished = "done", 110.0
    clock[0] = 200.0
    job = entry.snapshot(0)
    assert job.seconds == 10 and not job.is_active


def test_how_long_it_will_take_is_told_by_the_pace_of_its_samples(ask, explain, clock):
    part = replace(explain(ask().request, num_samples=6), timings={"samples": 8.0})
    entry = QueueEntry(ask(), "", state="running", begun=90.0, reported=100.0)
    assert entry.snapshot(0).seconds_left is None
    entry.progress = Step("Scrambling", 1, 3)
    assert entry.snapshot(0).seconds_left is None
    # Ten of forty steps took five seconds, and a second has passed since.
    steps = QueueEntry(ask(), "", state="running", begun=90.0, staged=94.0, reported=99.0)
    steps.progress = Step("Scrambling", 0, 40)
    assert steps.snapshot(0).seconds_left is None
    steps.progress = Step("Scrambling", 10, 40)
    assert steps.snapshot(0).seconds_left == 14
    # Four samples, from the third on, took eight seconds: four more take as long.
    entry.progress = Progress("samples", 6, 10, (part,), 2)
    assert entry.snapshot(0).seconds_left == 8
    clock[0] = 105.0
    assert entry.snapshot(0).seconds_left == 3
    clock[0] = 150.0
    assert entry.snapshot(0).seconds_left == 0


def test_it_is_ordered_by_those_who_wait_each_once(ask):
    entry = QueueEntry(ask(), "anna", {"tab": "ben", "phone": "ben", "other": "cleo"})
    assert entry.ticket.people == ("ben", "cleo") and entry.ticket.job == ask().id
    assert QueueEntry(ask(), "anna").ticket.people == ("anna",)
    assert entry.device == ask().card.device
