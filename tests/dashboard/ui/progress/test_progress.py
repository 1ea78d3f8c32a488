"""A job on a page: how far it is, in words, and what its buttons do."""

from dataclasses import replace

import pytest
import streamlit as st

from core import Progress
from dashboard import resources
from dashboard.jobs.job import Job
from dashboard.jobs.question import Outcome, Step
from dashboard.language import speaking
from dashboard.services import waiting
from dashboard.ui.progress import progress
from dashboard.ui.progress.progress import ended_early, progress_words
from tests.dashboard.pages import texts


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
        ({"state": "queued"}, "Next in line: it begins in a moment"),
        ({}, "Starting the process that computes"),
        ({"progress": Progress("start", 0, 1), "stage_seconds": 2.2}, "Starting the process that computes: 2 s so far"),
        ({"progress": Progress("load", 0, 1)}, "Loading the model"),
        (
            {"progress": Progress("load", 0, 1), "stage_seconds": 2.0, "stage_usual": 9.0},
            "Loading the model: about 7 s left",
        ),
        (
            {"progress": Progress("load", 0, 1), "stage_seconds": 12.0, "stage_usual": 9.0},
            "Loading the model: 12 s so far",
        ),
        ({"progress": Progress("answer", 0, 128)}, "Answering, in at most 128 tokens"),
        (
            {"progress": Progress("answer", 0, 128), "stage_usual": 3.0},
            "Answering, in at most 128 tokens: about 3 s left",
        ),
        ({"progress": Step("Scrambling", 3, 7)}, "Scrambling: 3 of 7"),
        ({"progress": Step("Scrambling", 3, 7), "seconds_left": 8.0}, "Scrambling: 3 of 7, about 8 s left"),
        (
            {"progress": Step("Scrambling", 0, 7), "stage_seconds": 2.0, "stage_usual": 9.0},
            "Scrambling: 0 of 7, about 7 s left",
        ),
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


def test_a_page_looks_the_less_often_the_more_people_wait(held, ask, visit, monkeypatch):
    paces, fragment = [], st.fragment

    def noted(function=None, *, run_every=None):
        if function is progress._watch:
            paces.append(run_every)
        return fragment(function, run_every=run_every)

    monkeypatch.setattr(st, "fragment", noted)
    question = ask()
    resources.jobs().submit(question, "somebody")
    app = visit("compute", run=question.id)
    assert set(paces) == {waiting.FASTEST}
    for number in range(38):
        resources.jobs().submit(question, f"page {number}")
    app.run()
    assert paces[-1] == pytest.approx(4.0)  # this page is the fortieth
    assert f"cancel-{question.id}" in [button.key for button in app.button]


def test_how_far_a_job_is_in_chinese(job):
    with speaking("zh_Hans"):
        assert progress_words(job(state="queued", ahead=2)) == "正在等待前面的 2 个运行"
        said = progress_words(job(progress=Progress("samples", 4, 10), seconds_left=12.4))
    assert said.startswith("噪声样本 4/10，大约还需 ")


def test_what_is_computed_is_told_in_the_readers_language(held, ask, visit_in_chinese):
    job = resources.jobs().submit(ask(prompt="Where is the red half?"), "somebody")
    app = visit_in_chinese("compute", run=job.id)
    assert "整个回答" in texts(app) and "Where is the red half?" in texts(app)
