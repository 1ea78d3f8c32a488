"""Asking for a page: what was asked at once, and what comes on display."""

import pytest
import streamlit as st

from core.schema.target import Target
from dashboard.jobs.job import Job
from dashboard.jobs.scheduling import QueueFull
from dashboard.loaded_run import LoadedRun
from dashboard.services import ask as asking
from dashboard.services import submit
from dashboard.services.open import open_run
from dashboard.session import address, state


@pytest.fixture
def current(monkeypatch):
    """The session and the address of the test's own thread."""
    session = state.Session()
    monkeypatch.setattr(state, "session", lambda: session)
    monkeypatch.setattr(address, "session", lambda: session)
    monkeypatch.setattr(st, "query_params", {})
    return session


def test_the_first_run_comes_on_display_and_all_are_named(current, ask, stored, held):
    known = stored(prompt="one")
    current.watched.add(known)
    questions = [ask(prompt=prompt) for prompt in ("one", "two")]
    first = asking.ask(*questions)
    assert isinstance(first, LoadedRun) and first.id == current.run_id == known
    assert current.siblings == (known, questions[1].id) and current.notice is None
    assert current.watched == {questions[1].id}  # what is computed now is not "from the store"
    assert st.query_params == {"run": known, "runs": f"{known},{questions[1].id}"}


def test_one_run_alone_leaves_no_list_in_the_address(current, ask, held):
    st.query_params["runs"] = "a,b"
    job = asking.ask(ask())
    assert isinstance(job, Job) and st.query_params == {"run": job.id} and current.siblings == (job.id,)


def test_where_the_queue_is_full_the_rest_is_said(current, ask, monkeypatch, stored):
    explain, known = submit.explain, stored(prompt="one")

    def full(question, private):
        if question.request.prompt != "one":
            raise QueueFull("Wait until some are done.")
        return explain(question, private)

    monkeypatch.setattr(submit, "explain", full)
    assert asking.ask(ask(prompt="one"), ask(prompt="two"), ask(prompt="three")).id == known
    assert current.notice == "1 of 3 runs were queued. Wait until some are done."
    with pytest.raises(QueueFull):
        asking.ask(ask(prompt="two"))


def test_another_part_of_an_answer_is_asked_with_everything_else_as_it_was(current, stored, held):
    run = open_run(stored(seed=7))
    asking.ask_about(run, Target.words("right"))
    assert current.run_id != run.id and current.refusal is None
    (name,) = current.siblings
    assert name == current.run_id


def test_what_cannot_be_asked_is_said_beside_the_answer(current, stored, monkeypatch):
    monkeypatch.setattr(submit, "explain", lambda *arguments: (_ for _ in ()).throw(QueueFull("Wait.")))
    asking.ask_about(open_run(stored()), Target.words("right"))
    assert current.refusal == "Wait." and current.run_id is None
