"""A job on a page: how far it is, in words, and what its buttons do."""

from dataclasses import replace

import pytest

from core import Progress
from dashboard.jobs.job import Job
from dashboard.jobs.question import Outcome, Step
from dashboard.ui.progress.progress import ended_early, progress_words


@pytest.fixture
def job(ask):
    """A job as a page sees it: `job(progress=...)`."""

    def make(**changes):
        values = {"question": ask(), "state": "running", "person": "", "ahead": 0, "waiters": 1, "progress": None}
        values |= {"stopping": False, "seconds": 0.0, "seconds_left": None, "outcome": None, "problem": None}
        return Job(**(values | changes))

    return make


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "queued", "ahead": 1}, "Waiting for 1 earlier run"),
        ({"state": "queued", "ahead": 3}, "Waiting for 3 earlier runs"),
        ({}, "Loading the model and reading the picture"),
        ({"progress": Step("Scrambling", 3, 7)}, "Scrambling: 3 of 7"),
        ({"progress": Progress("answer", 5, 128)}, "Answering: token 5 of at most 128"),
        ({"progress": Progress("samples", 4, 10)}, "Noise sample 4 of 10"),
        ({"progress": Progress("samples", 4, 10), "seconds_left": 12.4}, "Noise sample 4 of 10, about 12 s left"),
    ],
)
def test_how_far_a_job_is_fits_into_one_line(job, changes, words):
    assert progress_words(job(**changes)) == words


def test_a_run_of_fewer_samples_says_why(job, ask, explain):
    request = ask(num_samples=30).request
    result = explain(replace(request, num_samples=12))
    ended = job(question=ask(num_samples=30), state="done", outcome=Outcome(result, settled=True))
    assert ended_early(ended) == "The run ended after 12 of 30 samples: more would not have changed the maps."
    stopped = replace(ended, outcome=Outcome(result, stopped=True))
    assert ended_early(stopped) == "The run was stopped: this is a run of 12 samples instead of 30."
