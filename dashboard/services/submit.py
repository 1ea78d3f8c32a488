"""The one rule of asking: look up, else queue. Runs, studies, and interrupted questions again.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

import logging
import time
from dataclasses import replace

from cache import Asker, JobRow, StoreError, run_id
from core import InputError
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.auth import identity
from dashboard.jobs.job import Job
from dashboard.jobs.persist import keep
from dashboard.jobs.question import Question, names_from_dict, question_of, request_from_dict
from dashboard.jobs.stored_videos import store_source
from dashboard.jobs.studies.registry import check_study
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run, shown, stored_pictures
from dashboard.services.waiting import waiter_of
from dashboard.session import state

logger = logging.getLogger(__name__)

ALREADY_PUBLIC = N_("The same has been asked for everybody to see before, so this run is not private.")


def explain(question: Question, private: bool = False) -> LoadedRun | Job:
    """The stored result of a question or, where it is not complete, the job that computes the rest.

    Args:
        private: whether it is asked for oneself alone. What is public already, or private to the asker, stays so.

    Raises:
        QueueFull: nothing more can be queued now.
        StoreError: it is asked privately, and who asks cannot be written down.
    """
    person = identity.person()
    asker = Asker(person.name, private and person.signed_in)
    question = replace(question, asker=asker)
    job = resources.jobs().get(question.id)
    if job is not None and (job.is_active or (job.state == "done" and not job.outcome.kept)):
        # It may have been asked by somebody else.
        question = replace(question, asker=_write_down(question, person))
        return _submit(question) if job.is_active else shown(job)
    started = time.perf_counter()
    result = resources.storage().results.get_all(whole_run(question.request))
    if result is None:
        return _submit(replace(question, asker=_write_down(question, person)))
    seconds, notices = time.perf_counter() - started, ()
    try:
        question = replace(
            question,
            asker=_note_publicity(asker, resources.storage().runs.askers.settle(question.id, asker, person.viewer)),
        )
        record = resources.storage().runs.get(question.id, question.asker.private_to)
        if record is None or record.deleted is not None or record.private_to != question.asker.private_to:
            # Its layers came with other runs, or it was another's: from now on it has an address of its own here. Or it
            # was in the trash, and somebody wants it after all.
            notices = keep(question, result, resources.storage(), seconds=0.0).notices
            record = resources.storage().runs.get(question.id, question.asker.private_to)
    except StoreError as error:
        record, notices = None, (str(error),)
    return LoadedRun(result, question.chosen, record, seconds, notices, question.pictures)


def _write_down(question: Question, person: identity.Person) -> Asker:
    """Notes in the history who waits for a run, so that it becomes theirs when it is done."""
    try:
        stored = resources.storage().runs.askers.ask(question.id, question.asker, person.viewer)
    except StoreError:
        if question.asker.private:
            raise
        return question.asker
    return _note_publicity(question.asker, stored)


def _note_publicity(wanted: Asker, stored: Asker) -> Asker:
    if wanted.private and not stored.private:
        state.session().notice = _(ALREADY_PUBLIC)
    return stored


def go_on(job: JobRow) -> LoadedRun | Job:
    """Asks an interrupted question again; what it had computed by then is stored and not computed again.

    Raises:
        ExplainError: its picture, model or run is not there any more; the sentence says which and what to do.
    """
    request = request_from_dict(job.asking)
    study, settle = job.asking.get("study", ""), bool(job.asking.get("settle"))
    pictures = stored_pictures(request, names_from_dict(job.asking))
    if not study:
        private = bool(job.asking.get("private"))
        return explain(question_of(request, pictures, resources.card_of(request), settle=settle), private)
    run = open_run(run_id(request))
    if not isinstance(run, LoadedRun):
        raise InputError(_("The run that this was about is no longer stored. Compute it again first."))
    return begin_study(run.of_picture(request.picture), study)


def begin_study(run: LoadedRun, study: str) -> Job:
    """Queues a study, or joins whoever waits for it.

    Raises:
        ModelError: the run's model is not offered any more, or cannot be used.
        QueueFull: nothing more can be queued now.
        InputError: the run is about a video, and the study knows nothing of time.
    """
    check_study(study, run.result)
    person = identity.person()
    asker = Asker(person.name, person.signed_in and run.record is not None and bool(run.record.private_to))
    card, pictures = resources.card_of(run.request), run.pictures
    return _submit(Question(run.request, run.chosen, card, study, run.result, asker=asker, pictures=pictures))


def _submit(question: Question) -> Job:
    """Queues a question; its pictures are kept at once, for a server that is killed is to go on from there.

    From then on they are read from where they are kept: what waits holds none of them.
    """
    try:
        stored = [store_source(chosen, resources.storage()) for chosen in question.all_pictures]
        question = replace(
            question, chosen=stored[question.request.picture], pictures=tuple(stored) if question.pictures else ()
        )
    except StoreError as error:
        logger.error("The picture of a queued run could not be kept: %s", error, extra={"job": question.id})
    return resources.jobs().submit(question, waiter_of(question), identity.person().name)
