"""The one rule of asking, look up, else queue, and who may wait for what and see it.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

import logging
import re
import time
from dataclasses import replace
from typing import Any

from cache import Asker, JobRow, Run, StoreError, run_id
from cache.batches.batch import Batch
from core import InputError
from dashboard import resources
from dashboard.auth import identity as people
from dashboard.jobs.asking_again import names_of, request_of
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question, question_of, study_id
from dashboard.jobs.runner import keep
from dashboard.jobs.studies.registry import whole_run
from dashboard.loaded_run import LostRun, ShownRun
from dashboard.services.open import Incomplete, read_findings, read_run, stored_pictures
from dashboard.session import state

logger = logging.getLogger(__name__)

_RUN_ID = re.compile(r"[0-9a-f]{16}")
ALREADY_PUBLIC = "The same has been asked for everybody to see before, so this run is not private."


def explain(question: Question, private: bool = False) -> ShownRun | Job:
    """The stored result of a question or, where it is not complete, the job that computes the rest.

    Args:
        private: whether it is asked for oneself alone. What is public already, or private to the asker, stays so.

    Raises:
        QueueFull: nothing more can be queued now.
        StoreError: it is asked privately, and who asks cannot be written down.
    """
    here = people.person()
    asker = Asker(here.name, private and here.signed_in)
    question = replace(question, asker=asker)
    job = resources.jobs().view(question.id)
    if job is not None and (job.is_active or (job.state == "done" and not job.outcome.kept)):
        # It may have been asked by somebody else.
        question = replace(question, asker=_write_down(question, here))
        return _submit(question) if job.is_active else shown(job)
    started = time.perf_counter()
    result = resources.storage().results.get_all(whole_run(question.request))
    if result is None:
        return _submit(replace(question, asker=_write_down(question, here)))
    seconds, notices = time.perf_counter() - started, ()
    try:
        question = replace(
            question, asker=_note_publicity(asker, resources.storage().runs.settle(question.id, asker, here.sees))
        )
        row = resources.storage().runs.get(question.id, question.asker.private_to)
        if row is None or row.deleted is not None or row.private_to != question.asker.private_to:
            # Its layers came with other runs, or it was another's: from now on it has an address of its own here. Or it
            # was in the trash, and somebody wants it after all.
            notices = keep(question, result, resources.storage(), seconds=0.0).notices
            row = resources.storage().runs.get(question.id, question.asker.private_to)
    except StoreError as error:
        row, notices = None, (str(error),)
    return ShownRun(result, question.chosen, row, seconds, notices, question.pictures)


def _write_down(question: Question, here: people.Person) -> Asker:
    """Notes in the history who waits for a run, so that it becomes theirs when it is done."""
    try:
        kept = resources.storage().runs.ask(question.id, question.asker, here.sees)
    except StoreError:
        if question.asker.private:
            raise
        return question.asker
    return _note_publicity(question.asker, kept)


def _note_publicity(wanted: Asker, kept: Asker) -> Asker:
    if wanted.private and not kept.private:
        state.session().notice = ALREADY_PUBLIC
    return kept


def _seat(question: Question) -> str:
    """Under which name the page waits for a job: of whoever is signed in and has asked, the person waits.

    So the job outlives their page, and only they, or an administrator, can say that it is no longer wanted.
    """
    here = people.person()
    if here.signed_in and here.name in (question.asker.name, *(asker.name for asker in _askers(question.id))):
        return f"{resources.SEAT}{here.name}"
    return state.visitor()


def _askers(job_id: str) -> list[Asker]:
    try:
        return resources.storage().runs.askers(job_id)
    except StoreError:
        return []


def watch(name: str) -> Job | None:
    """The job of that name as it stands, which this page now waits for; None where it is another's private one."""
    job = resources.jobs().view(name)
    if job is None or not may_see(job):
        return None
    return resources.jobs().view(name, _seat(job.question))


def cancel(name: str, for_all: bool = False) -> bool:
    """Whoever is at the page no longer wants a job.

    Args:
        for_all: it stops whoever waits for it, which is for administrators who are signed in.

    Returns:
        Whether it stops.
    """
    job, here = resources.jobs().view(name), people.person()
    if job is None or not may_see(job):
        return False
    force = for_all and may_stop_for_all()
    stops = resources.jobs().cancel(name, _seat(job.question), force=force)
    if stops:
        resources.audit().write("cancel", here.name, job=name, owners=[job.question.asker.name])
    return stops


def may_stop_for_all() -> bool:
    """Whether whoever is at the page may stop a job that others wait for. Where nobody signs in, nobody may."""
    here = people.person()
    return here.is_admin and here.signed_in


def may_see(job: Job) -> bool:
    """Whether a job may be shown to whoever is at the page: somebody has asked for everybody to see, or they have."""
    asker, here = job.question.asker, people.person()
    if not asker.private or asker.name == here.sees or may_stop_for_all():
        return True
    if job.question.study:  # there for whoever sees the run that it is about
        try:
            return find_row(run_id(job.question.request)) is not None
        except StoreError:
            return False
    return any(not other.private or other.name == here.sees for other in _askers(job.id))


def find_row(name: str, viewer: str | None = None) -> Run | None:
    """The line of the history that an address names, as far as whoever is at the page may see it.

    Args:
        viewer: who looks, where that is not the page's own thread.

    Raises:
        StoreError: the history cannot be read.
    """
    if viewer is not None:
        return resources.storage().runs.get(name, viewer)
    here = people.person()
    return resources.storage().runs.get(name, people.viewer(), everybodys=here.is_admin and here.signed_in)


def find_batch(name: str) -> Batch | None:
    """The batch that an address names, as far as whoever is at the page may see it.

    Raises:
        StoreError: it cannot be read.
    """
    return resources.storage().batches.get(name, people.viewer(), everybodys=may_stop_for_all())


def open_run(name: str, viewer: str | None = None) -> ShownRun | LostRun | None:
    """The run that an address names; None if nobody here ever ran it, or only others for themselves.

    Args:
        viewer: see `find_row`.

    Raises:
        StoreError: the history cannot be read.
    """
    if not _RUN_ID.fullmatch(name):
        return None
    job = run_job(name) if viewer is None else None
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return shown(job)
    row = find_row(name, viewer)
    if row is None:
        return None
    try:
        result, pictures, seconds = read_run(name, row.names, row)
    except Incomplete as found:
        return found.run
    return ShownRun(result, pictures[0], row, seconds, pictures=pictures if len(pictures) > 1 else ())


def interrupted() -> list[JobRow]:
    """What servers of this store were asked and had not finished when they ended; none where that cannot be read.

    Others' private questions are left out.
    """
    try:
        rows = resources.storage().jobs.interrupted()
    except StoreError as error:
        logger.error("The interrupted jobs cannot be read: %s", error)
        return []
    here = people.person().sees
    return [row for row in rows if not row.asking.get("private") or row.person == here or may_stop_for_all()]


def go_on(row: JobRow) -> ShownRun | Job:
    """Asks an interrupted question again; what it had computed by then is stored and not computed again.

    Raises:
        ExplainError: its picture, model or run is not there any more; the sentence says which and what to do.
    """
    request = request_of(row.asking)
    study, settle = row.asking.get("study", ""), bool(row.asking.get("settle"))
    pictures = stored_pictures(request, names_of(row.asking))
    if not study:
        private = bool(row.asking.get("private"))
        return explain(question_of(request, pictures, resources.card_of(request), settle=settle), private)
    run = open_run(run_id(request))
    if not isinstance(run, ShownRun):
        raise InputError("The run that this was about is no longer stored. Compute it again first.")
    return begin_study(run.of_picture(request.picture), study)


def run_job(name: str, wait: bool = False) -> Job | None:
    """The job of the run that an address names, if it may be seen; studies have no addresses.

    Args:
        wait: whether this page now waits for it, too.
    """
    if not _RUN_ID.fullmatch(name):
        return None
    if wait:
        return watch(name)
    job = resources.jobs().view(name)
    return job if job is not None and may_see(job) else None


def findings(run: ShownRun, study: str) -> Any:
    """What a study found about a run, or None while that is not complete."""
    job = resources.jobs().view(study_id(run.id, study))
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return job.outcome.findings
    try:
        return read_findings(study, run.id, run.result.answer.text, run.result)
    except Incomplete:
        return None


def begin_study(run: ShownRun, study: str) -> Job:
    """Queues a study, or joins whoever waits for it.

    Raises:
        ModelError: the run's model is not offered any more, or cannot be used.
        QueueFull: nothing more can be queued now.
    """
    here = people.person()
    asker = Asker(here.name, here.signed_in and run.row is not None and bool(run.row.private_to))
    card, pictures = resources.card_of(run.request), run.pictures
    return _submit(Question(run.request, run.chosen, card, study, run.result, asker=asker, pictures=pictures))


def _submit(question: Question) -> Job:
    """Queues a question; its pictures are kept at once, for a server that is killed is to go on from there."""
    try:
        pictures = resources.storage().pictures
        for image, chosen in zip(question.request.all_images, question.all_pictures, strict=True):
            if not pictures.has(image):
                pictures.put(image, chosen.data)
    except StoreError as error:
        logger.error("The picture of a queued run could not be kept: %s", error, extra={"job": question.id})
    return resources.jobs().submit(question, _seat(question), people.person().name)


def shown(job: Job) -> ShownRun:
    """The outcome of a finished job, from memory."""
    question = job.question
    return ShownRun(job.outcome.result, question.chosen, notices=job.outcome.notices, pictures=question.pictures)
