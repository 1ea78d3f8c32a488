"""Asking: a question is looked up, else queued, and its run comes on display."""

from dataclasses import replace

from core import ExplainError
from core.targets import Target
from dashboard import services, state
from dashboard.jobs import Job
from dashboard.question import Question
from dashboard.services import ShownRun


def ask(question: Question) -> ShownRun | Job:
    """Puts the run of a question on display: the stored one, or the job that computes it."""
    here = state.session()
    found = services.explain(question)
    (here.watched.add if isinstance(found, Job) else here.watched.discard)(found.id)
    state.show_run(found.id)
    return found


def ask_about(run: ShownRun, target: Target) -> None:
    """Asks a run's question about another part of its answer. For callbacks: the page then fills its form after it.

    Everything else is the run's, whatever stands in the form by now.
    """
    try:
        card = services.card_of(run.request)
        ask(Question(replace(run.request, target=target), run.chosen, card))
    except ExplainError as error:
        state.session().refusal = str(error)
