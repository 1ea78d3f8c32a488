"""Asking: a question is looked up, else queued, and its run comes on display."""

from dataclasses import dataclass, replace

from core import ExplainError
from core.schema.target import Target
from dashboard import resources
from dashboard.auth.privacy import wants_private
from dashboard.jobs.job import Job
from dashboard.jobs.model_catalogue import is_base_of
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


@dataclass(frozen=True)
class OtherModel:
    """A model with which a run's maps can be compared.

    Attributes:
        fingerprint: which it is.
        name: what people call it.
        is_base: whether the run's model is this one with an adapter.
    """

    fingerprint: str
    name: str
    is_base: bool


def other_models(run: LoadedRun) -> list[OtherModel]:
    """Models with which a run's maps can be compared layer by layer, its base first; none of an imported run."""
    card = None if run.request.origin else resources.catalogue().card_of(run.request.model)
    others = [] if card is None else resources.catalogue().others_like(card)
    return [OtherModel(each.fingerprint, each.name, is_base_of(each, card)) for each in others]


def ask_beside(run: LoadedRun, model: str) -> None:
    """Asks a run's question of its model and of another one, both about what the run's model said. For callbacks.

    The sentence is given to both, so that their maps differ by the models alone; when both runs are done, they come
    into Compare, a tuned model before its base.

    Args:
        model: the other one's fingerprint.
    """
    try:
        card, target = resources.card_of(run.request), run.request.target
        request = replace(run.request.of_picture(0), model=model)
        other = resources.card_of(request)
        private = wants_private() or (run.record is not None and bool(run.record.private_to))
        target = replace(target, sentence=run.result.answer.text if target.sentence is None else target.sentence)
        both = (other, card) if is_base_of(card, other) else (card, other)
        asked = [replace(request, target=target, model=each.fingerprint) for each in both]
        questions = (question_of(one, run.all_pictures, each) for one, each in zip(asked, both, strict=True))
        ask(*questions, private=private)
        state.session().comparing = state.session().siblings
    except ExplainError as error:
        state.session().refusal = sentence(str(error))
