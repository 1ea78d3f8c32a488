"""Asking: a question is looked up, else queued, and its run comes on display."""

from dataclasses import replace

from core import ExplainError
from core.schema.target import Target
from dashboard import resources
from dashboard.auth.privacy import wants_private
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question, question_of
from dashboard.jobs.scheduling import QueueFull
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services import submit
from dashboard.session import address, state


def ask(*questions: Question, private: bool = False) -> LoadedRun | Job:
    """Asks about each picture in its order, and puts the first one's run on display.

    Args:
        private: whether the runs are for whoever asks alone.

    Returns:
        The first one's stored run, or the job that computes it.

    Raises:
        QueueFull: not even the first one can be queued now; where a later one cannot, a notice says so.
        ExplainError: see `submit.explain`.
    """
    current = state.session()
    runs = [submit.explain(questions[0], private)]
    try:
        for question in questions[1:]:
            runs.append(submit.explain(question, private))
    except QueueFull as full:
        current.notice = _(
            "{count} of {all} runs were queued. {why}", count=len(runs), all=len(questions), why=sentence(str(full))
        )
    for run in runs:
        (current.watched.add if isinstance(run, Job) else current.watched.discard)(run.id)
    current.siblings = tuple(run.id for run in runs)
    address.show_run(runs[0].id)
    address.name_runs(current.siblings if len(runs) > 1 else ())
    return runs[0]


def ask_in_full(run: LoadedRun) -> LoadedRun | Job:
    """Asks a run's question once more, with its pictures at the model's own limits.

    Raises:
        QueueFull: nothing more can be queued now.
        ExplainError: see `submit.explain`.
    """
    private = wants_private() or (run.record is not None and bool(run.record.private_to))
    request = replace(run.request.of_picture(0), max_pixels=None)
    return ask(question_of(request, run.all_pictures, resources.card_of(run.request)), private=private)


def ask_about(run: LoadedRun, target: Target) -> None:
    """Asks a run's question about another part of its answer. For callbacks: the page then fills its form after it.

    Everything else is the run's, whatever stands in the form by now.
    """
    try:
        card = resources.card_of(run.request)
        # What follows from a private run is private, too.
        private = wants_private() or (run.record is not None and bool(run.record.private_to))
        request = replace(run.request.of_picture(0), target=target)
        ask(question_of(request, run.all_pictures, card), private=private)
    except ExplainError as error:
        state.session().refusal = sentence(str(error))
