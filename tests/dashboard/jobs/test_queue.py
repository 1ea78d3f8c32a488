import io
import json
import logging
import threading
from dataclasses import replace

import numpy as np
import pytest

from cache import JobLog, StoreError
from core import ModelError, Progress
from dashboard.jobs import job as job_module
from dashboard.jobs import queue
from dashboard.jobs.compute_missing import Enough
from dashboard.jobs.question import Outcome, Step, request_from_dict
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.scheduling import QueueFull, QueueLimits
from dashboard.logs import JsonLines
from dashboard.storage.stage_times import StageTimes
from tests.clocks import hold
from tests.waiting import PATIENCE


class Workshop:
    """Work that waits to be let on, so that a test decides what happens when."""

    def __init__(self, explain):
        self.explain = explain
        self.begun = []
        self.gates = {}

    def gate(self, question):
        return self.gates.setdefault(question.request.prompt, threading.Event())

    def __call__(self, question, on_progress):
        self.begun.append(question.request.prompt)
        part = self.explain(question.request, num_samples=2)
        on_progress(Progress("samples", 2, 10, (part,)))
        assert self.gate(question).wait(PATIENCE)
        on_progress(Progress("samples", 10, 10, (part,)))
        return Outcome(self.explain(question.request))

    def open(self):
        for gate in list(self.gates.values()):
            gate.set()


@pytest.fixture
def workshop(explain):
    workshop = Workshop(explain)
    yield workshop
    workshop.open()


def test_two_pages_with_one_question_share_one_job(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    first, second = jobs.submit(ask(), "anna"), jobs.submit(ask(), "ben")
    assert first.id == second.id and second.waiters == 2
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(first.id).state == "done")
    assert workshop.begun == ["Where is the red half?"]
    assert jobs.get(first.id).outcome.result.answer.text == "right"


def test_whoever_waits_is_counted_for_each_job_until_it_is_over(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    assert jobs.watchers() == 0
    first = jobs.submit(ask(), "anna")
    jobs.submit(ask(), "ben")
    second = jobs.submit(ask(prompt="Another"), "anna")
    assert jobs.watchers() == 3
    assert jobs.cancel(second.id, "anna") and jobs.watchers() == 2
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(first.id).state == "done")
    assert jobs.watchers() == 0


def test_jobs_of_one_device_run_in_the_order_in_which_they_came(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    questions = [ask(prompt=prompt) for prompt in ("one", "two", "three")]
    waiting = [jobs.submit(question, "anna").ahead for question in questions]
    assert waiting[1:] == [1, 2]
    for question in questions:
        workshop.gate(question).set()
    wait_until(lambda: jobs.get(questions[-1].id).state == "done")
    assert workshop.begun == ["one", "two", "three"]
    assert jobs.active() == []


def test_another_device_does_not_wait(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    here, there = ask(prompt="here"), ask(prompt="there", device="cuda:1")
    jobs.submit(here, "anna")
    jobs.submit(there, "anna")
    workshop.gate(there).set()
    wait_until(lambda: jobs.get(there.id).state == "done")
    assert jobs.get(here.id).is_active
    workshop.gate(here).set()


def test_a_queued_job_that_is_cancelled_never_starts(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    running, queued, last = ask(prompt="running"), ask(prompt="queued"), ask(prompt="last")
    for question in (running, queued, last):
        jobs.submit(question, "anna")
    assert jobs.cancel(queued.id, "anna")
    assert jobs.get(queued.id).state == "cancelled"
    workshop.gate(running).set()
    workshop.gate(last).set()
    wait_until(lambda: jobs.get(last.id).state == "done")
    assert "queued" not in workshop.begun


def test_a_running_job_stops_at_its_next_report(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: workshop.begun)
    assert jobs.cancel(job.id, "anna")
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "cancelled")
    assert jobs.get(job.id).outcome is None


def test_cancelling_drops_only_who_cancels_while_somebody_else_waits(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    job = jobs.submit(ask(), "anna")
    assert jobs.get(job.id, "ben").is_active
    assert not jobs.cancel(job.id, "anna")
    assert jobs.get(job.id).waiters == 1
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "done")


def test_pages_that_were_closed_do_not_keep_a_job_from_being_cancelled(ask, workshop, wait_until):
    jobs = JobQueue(workshop, is_present=lambda waiter: waiter != "closed-tab")
    job = jobs.submit(ask(), "closed-tab")
    jobs.get(job.id, "same-person-in-a-new-tab")
    assert jobs.cancel(job.id, "same-person-in-a-new-tab")
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "cancelled")


def test_a_job_goes_on_when_everybody_has_closed_the_page(ask, workshop, wait_until):
    jobs = JobQueue(workshop, is_present=lambda waiter: False)
    job = jobs.submit(ask(), "anna")
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "done")


def test_asking_again_while_the_job_stops_begins_anew(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: workshop.begun)
    jobs.cancel(job.id, "anna")
    assert jobs.submit(ask(), "anna").state == "queued"
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "done")
    assert len(workshop.begun) == 2


def test_an_error_for_people_is_shown_as_its_sentence_and_the_next_job_runs(ask, explain, wait_until):
    def work(question, on_progress):
        if question.request.prompt == "bad":
            raise ModelError("The model is not there.")
        return Outcome(explain(question.request))

    jobs = JobQueue(work)
    bad, good = jobs.submit(ask(prompt="bad"), "anna"), jobs.submit(ask(prompt="good"), "anna")
    wait_until(lambda: jobs.get(good.id).state == "done")
    assert jobs.get(bad.id).state == "failed"
    assert jobs.get(bad.id).problem == "The model is not there."


def test_any_other_error_becomes_a_number_that_stands_in_the_log(ask, wait_until, caplog):
    def work(question, on_progress):
        raise ZeroDivisionError("secret detail")

    jobs = JobQueue(work)
    with caplog.at_level(logging.ERROR):
        job = jobs.submit(ask(), "anna")
        wait_until(lambda: jobs.get(job.id).state == "failed")
    problem = jobs.get(job.id).problem
    assert "secret detail" not in problem
    number = problem.rstrip(".").split()[-1]
    assert number in caplog.text and "secret detail" in caplog.text


def test_a_failed_job_can_be_asked_again(ask, explain, wait_until):
    answers = [ModelError("not yet"), None]

    def work(question, on_progress):
        error = answers.pop(0)
        if error:
            raise error
        return Outcome(explain(question.request))

    jobs = JobQueue(work)
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: jobs.get(job.id).state == "failed")
    jobs.submit(ask(), "anna")
    wait_until(lambda: jobs.get(job.id).state == "done")


def test_a_stopped_outcome_counts_as_cancelled_and_keeps_its_samples(ask, explain, wait_until):
    jobs = JobQueue(lambda question, report: Outcome(explain(question.request, num_samples=3), stopped=True))
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: jobs.get(job.id).state == "cancelled")
    assert jobs.get(job.id).outcome.result.num_samples == 3


def test_time_left_follows_from_the_pace_of_the_samples(ask, workshop, wait_until, monkeypatch):
    hold(monkeypatch, job_module, queue)
    jobs = JobQueue(workshop)
    job = jobs.submit(ask(), "anna")
    assert job.seconds_left is None
    wait_until(lambda: jobs.get(job.id).progress is not None)
    # Two samples took 1.5 s, eight are left.
    assert jobs.get(job.id).seconds_left == pytest.approx(6.0, abs=1.0)
    workshop.gate(ask()).set()
    wait_until(lambda: not jobs.get(job.id).is_active)
    assert jobs.get(job.id).seconds_left is None


def test_finished_jobs_are_forgotten_beyond_the_number_kept(ask, explain, wait_until):
    jobs = JobQueue(lambda question, report: Outcome(explain(question.request)), keep=2)
    ids = [jobs.submit(ask(prompt=str(number)), "anna").id for number in range(5)]
    wait_until(lambda: not jobs.active())
    assert [jobs.get(name) is not None for name in ids] == [False, False, False, True, True]


def test_finished_jobs_are_forgotten_after_their_time(ask, explain, wait_until):
    jobs = JobQueue(lambda question, report: Outcome(explain(question.request)), keep_seconds=-1)
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: jobs.get(job.id) is None)


def test_of_jobs_that_are_stored_nothing_is_kept_and_of_others_all(ask, explain, wait_until, monkeypatch):
    def compute(question, on_progress):
        if question.request.prompt == "Fails":
            raise ModelError("It fails.")
        result = explain(question.request)
        if question.request.prompt == "Stopped early":
            result = replace(result, request=replace(result.request, num_samples=2), num_samples=2)
        notices = ("Say it.",) if question.request.prompt == "Noted" else ()
        return Outcome(result, kept=question.request.prompt != "Not stored", notices=notices)

    jobs, clock = JobQueue(compute), hold(monkeypatch, job_module, queue)
    prompts = ("Stored", "Not stored", "Noted", "Stopped early", "Fails")
    names = {prompt: jobs.submit(ask(prompt=prompt), "anna").id for prompt in prompts}
    wait_until(lambda: not jobs.active())
    jobs.forget_stored()
    assert all(jobs.get(name) is not None for name in names.values())  # whoever waits looks at it in a moment
    clock.forward(queue.LOOKED_AT + 1)
    jobs.forget_stored()
    assert {prompt for prompt, name in names.items() if jobs.get(name) is None} == {"Stored"}


def test_people_take_turns(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    questions = {prompt: ask(prompt=prompt) for prompt in ("a1", "a2", "a3", "b1")}
    for prompt, question in questions.items():
        jobs.submit(question, f"page of {prompt}", {"a": "anna", "b": "ben"}[prompt[0]])
    assert [jobs.get(questions[prompt].id).ahead for prompt in ("b1", "a2", "a3")] == [1, 2, 3]
    for question in questions.values():
        workshop.gate(question).set()
    wait_until(lambda: not jobs.active())
    assert workshop.begun == ["a1", "b1", "a2", "a3"]


def test_a_person_with_too_many_jobs_is_told_so_and_others_are_not(ask, workshop):
    jobs = JobQueue(workshop, limits=QueueLimits(per_person=2, in_all=9))
    for number in range(2):
        jobs.submit(ask(prompt=f"anna's {number}"), "tab", "anna")
    with pytest.raises(QueueFull, match="as many as one person may have"):
        jobs.submit(ask(prompt="anna's third"), "another tab", "anna")
    assert jobs.submit(ask(prompt="anna's 0"), "another tab", "anna").waiters == 2  # she may join her own
    assert jobs.submit(ask(prompt="ben's"), "tab of ben's", "ben").is_active
    assert len(jobs.active()) == 3
    for prompt in ("anna's 0", "anna's 1", "ben's"):
        workshop.gate(ask(prompt=prompt)).set()


def test_a_job_can_be_stopped_whoever_waits_for_it(ask, workshop, wait_until):
    jobs = JobQueue(workshop)
    job = jobs.submit(ask(), "anna")
    jobs.get(job.id, "ben")
    assert jobs.cancel(job.id, "root", force=True)
    workshop.gate(ask()).set()
    wait_until(lambda: jobs.get(job.id).state == "cancelled")


def test_every_change_of_state_is_told(ask, explain, wait_until):
    told = []

    def work(question, on_progress):
        if question.request.prompt == "bad":
            raise ModelError("The model is not there.")
        return Outcome(explain(question.request))

    jobs = JobQueue(work, on_change=lambda job: told.append((job.question.request.prompt, job.state)))
    jobs.submit(ask(prompt="good"), "anna")
    wait_until(lambda: ("good", "done") in told)
    jobs.submit(ask(prompt="bad"), "anna")
    wait_until(lambda: ("bad", "failed") in told)
    assert sorted(told) == sorted(
        [("good", "queued"), ("good", "running"), ("good", "done")]
        + [("bad", "queued"), ("bad", "running"), ("bad", "failed")]
    )


def test_what_is_not_finished_stands_in_the_list_of_jobs(ask, workshop, wait_until, tmp_path, monkeypatch):
    monkeypatch.setattr("dashboard.jobs.queue.NOTE_SECONDS", 0.0)
    log = JobLog(tmp_path / "jobs" / "jobs.sqlite")
    jobs = JobQueue(workshop, log=log)
    runs, waits = ask(prompt="runs", num_samples=30), ask(prompt="waits")
    jobs.submit(runs, "page", "anna")
    jobs.submit(replace(waits, settle=True), "page", "anna")
    wait_until(lambda: log.get(runs.id).done == 2)
    row = log.get(runs.id)
    assert (row.state, row.total, row.person) == ("running", 10, "anna")
    assert request_from_dict(row.asking) == runs.request
    assert log.get(waits.id).state == "queued" and log.get(waits.id).asking["settle"]
    jobs.cancel(waits.id, "page")
    workshop.gate(runs).set()
    wait_until(lambda: log.get(runs.id).state == "done")
    assert log.get(waits.id).state == "cancelled"


def test_a_list_of_jobs_that_cannot_be_written_stops_no_job(ask, explain, wait_until, caplog):
    class Broken:
        def __getattr__(self, name):
            def fail(*_, **__):
                raise StoreError("The disk is full.")

            return fail

    jobs = JobQueue(lambda question, report: Outcome(explain(question.request)), log=Broken())
    job = jobs.submit(ask(), "anna")
    wait_until(lambda: jobs.get(job.id).state == "done")
    assert "could not be written down: The disk is full." in caplog.text
    assert {record.job for record in caplog.records} == {job.id}


def test_whatever_is_logged_of_a_job_names_it(ask, wait_until):
    def work(question, report):
        logging.getLogger("core").warning("in the middle")
        raise ValueError("unforeseen")

    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    try:
        jobs = JobQueue(work)
        job = jobs.submit(ask(), "anna")
        wait_until(lambda: jobs.get(job.id).state == "failed")
    finally:
        logging.getLogger().removeHandler(handler)
    middle, end = map(json.loads, written.getvalue().splitlines())
    assert (middle["message"], middle["job"], end["job"]) == ("in the middle", job.id, job.id)
    number = end["message"].split()[-1].rstrip(".")
    assert "in work" in end["error"] and number in jobs.get(job.id).problem


def steady(explain, request):
    """A result whose samples do not scatter."""
    part = explain(request, num_samples=4)
    return replace(part, squared_deviation=np.zeros_like(part.heat))


def test_a_job_ends_once_more_samples_would_change_nothing(ask, explain, wait_until):
    seen = []

    def work(question, on_progress):
        try:
            on_progress(Progress("samples", 4, 30, (steady(explain, question.request),)))
        except Enough:
            seen.append("enough")
            return Outcome(explain(question.request), settled=True)
        seen.append("went on")
        return Outcome(explain(question.request))

    jobs = JobQueue(work)
    for question in (replace(ask(prompt="early"), settle=True), ask(prompt="all of them")):
        job = jobs.submit(question, "anna")
        wait_until(lambda name=job.id: jobs.get(name).state == "done")
    assert seen == ["enough", "went on"]


def test_who_wants_every_sample_gets_them_of_a_job_that_might_have_ended_early(ask, explain, wait_until):
    joined = threading.Event()

    def work(question, on_progress):
        assert joined.wait(PATIENCE)
        on_progress(Progress("samples", 4, 30, (steady(explain, question.request),)))
        return Outcome(explain(question.request))

    jobs = JobQueue(work)
    job = jobs.submit(replace(ask(), settle=True), "anna")
    assert jobs.submit(ask(), "ben").waiters == 2
    joined.set()
    wait_until(lambda: jobs.get(job.id).state == "done")
    assert not jobs.get(job.id).outcome.settled


def test_what_is_told_again_is_not_judged_again(ask, explain, wait_until, monkeypatch):
    judged, told, go_on = [], threading.Event(), threading.Event()
    monkeypatch.setattr("dashboard.jobs.queue.is_settled", lambda partial: judged.append(partial))

    def work(question, on_progress):
        progress = Progress("samples", 2, 10, (explain(question.request, num_samples=2),))
        for _ in range(5):
            on_progress(progress)
        told.set()
        assert go_on.wait(PATIENCE)
        on_progress(progress)
        return Outcome(explain(question.request))

    jobs = JobQueue(work)
    job = jobs.submit(replace(ask(), settle=True), "anna")
    assert told.wait(PATIENCE) and len(judged) == 1
    go_on.set()
    wait_until(lambda: jobs.get(job.id).state == "done")
    assert len(judged) == 1


def test_who_was_served_is_not_remembered_for_ever(ask, explain, wait_until, monkeypatch):
    monkeypatch.setattr("dashboard.jobs.queue.MOST_SERVED", 3)
    jobs = JobQueue(lambda question, report: Outcome(explain(question.request)))
    for number in range(6):
        job = jobs.submit(ask(prompt=str(number)), f"page {number}")
        wait_until(lambda name=job.id: jobs.get(name).state == "done")
    assert list(jobs._served) == ["page 3", "page 4", "page 5"]


def test_a_finished_job_keeps_its_outcome_and_no_maps_on_its_way(ask, explain, wait_until):
    asked = ask(num_samples=2)

    def work(question, report):
        result = explain(question.request)
        report(Progress("samples", 1, 2, (result,)))
        return Outcome(result)

    jobs = JobQueue(work)
    jobs.submit(asked, "page")
    wait_until(lambda: not jobs.get(asked.id).is_active)
    job = jobs.get(asked.id)
    assert job.progress is None and job.outcome.result.num_samples == 2


def test_what_a_stage_takes_is_told_and_expected_the_next_time(ask, explain, monkeypatch, wait_until):
    clock, on = hold(monkeypatch, job_module, queue), [threading.Event() for _ in range(4)]
    times = StageTimes()

    def work(question, report):
        loading = Progress("load", 0, 1)
        report(Progress("start", 0, 1))
        assert on[0].wait(PATIENCE)
        report(loading)
        assert on[1].wait(PATIENCE)
        report(loading)  # told again, to hear whether to stop: the stage goes on
        report(Progress("answer", 1, 8))
        assert on[2].wait(PATIENCE)
        report(Progress("answer", 2, 8))
        report(Progress("samples", 0, 2))
        assert on[3].wait(PATIENCE)
        return Outcome(explain(question.request))

    def stage() -> tuple:
        job = jobs.get(name)
        return job.progress and job.progress.stage, job.stage_seconds, job.stage_usual

    jobs = JobQueue(work, times=times)
    name = jobs.submit(ask(), "page").id
    for number, (begins, seconds) in enumerate((("start", 3.0), ("load", 5.0), ("answer", 2.0), ("samples", 1.5))):
        wait_until(lambda begins=begins: stage()[0] == begins)
        clock.forward(seconds)
        assert stage() == (begins, seconds, None)
        on[number].set()
    wait_until(lambda: not jobs.get(name).is_active)
    model = ask().card.name
    assert [times.usual(model, stage) for stage in ("start", "load", "answer")] == [3.0, 5.0, 2.0]
    jobs.submit(ask(prompt="another"), "page")
    wait_until(lambda: not jobs.get(ask(prompt="another").id).is_active)
    on[0].clear()
    name = jobs.submit(ask(prompt="a third"), "page").id
    wait_until(lambda: stage()[0] == "start")
    assert stage() == ("start", 0.0, 3.0)  # what passed at once says nothing
    on[0].set()
    wait_until(lambda: not jobs.get(name).is_active)


def test_what_a_study_takes_is_expected_of_the_next_of_its_kind(ask, explain, monkeypatch, wait_until):
    clock, on = hold(monkeypatch, job_module, queue), [threading.Event() for _ in range(2)]
    times, question = StageTimes(), replace(ask(), study="trust-3", run=explain(ask().request))

    def work(question, report):
        report(Progress("load", 0, 1))
        assert on[0].wait(PATIENCE)
        report(Step("Taking apart", 0, 40))
        assert on[1].wait(PATIENCE)
        report(Step("Scrambling", 39, 40))
        return Outcome(question.run)

    jobs, model = JobQueue(work, times=times), ask().card.name
    assert jobs.usual_seconds(model, "trust") is None
    name = jobs.submit(question, "page").id
    wait_until(lambda: isinstance(jobs.get(name).progress, Progress))
    clock.forward(4.0)
    on[0].set()
    wait_until(lambda: isinstance(jobs.get(name).progress, Step))
    assert jobs.get(name).stage_seconds == 0.0  # loading is over
    clock.forward(20.0)
    assert jobs.get(name).stage_seconds == 20.0
    on[1].set()
    wait_until(lambda: not jobs.get(name).is_active)
    assert times.usual(model, "load") == 4.0
    assert jobs.usual_seconds(model, "trust") == jobs.usual_seconds(model, "trust-7-picture-2") == 20.0
    assert jobs.usual_seconds(model, "evidence") is None and jobs.usual_seconds("another", "trust") is None


def test_a_study_that_was_stopped_says_nothing_of_the_next(ask, explain, monkeypatch, wait_until):
    clock, on = hold(monkeypatch, job_module, queue), threading.Event()

    def work(question, report):
        report(Step("Taking apart", 0, 40))
        assert on.wait(PATIENCE)
        report(Step("Taking apart", 1, 40))

    jobs = JobQueue(work)
    name = jobs.submit(replace(ask(), study="trust", run=explain(ask().request)), "page").id
    wait_until(lambda: jobs.get(name).progress is not None)
    clock.forward(20.0)
    jobs.cancel(name, "page")
    on.set()
    wait_until(lambda: not jobs.get(name).is_active)
    assert jobs.usual_seconds(ask().card.name, "trust") is None
