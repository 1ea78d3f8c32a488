"""What somebody asks, with everything needed to compute it, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache import Asker, run_id
from core import ExplainError, ExplainRequest, ExplainResult, InputError
from core.models.checkpoints import ModelCard
from dashboard.jobs.pictures import ChosenPicture, joint_name


@dataclass(frozen=True, eq=False)
class Question:
    """One distinct request with its picture and model.

    Attributes:
        request: what is asked; it alone decides the numbers.
        chosen: the picture, or the video, that `request.image` names.
        pictures: all of the prompt's, where there are several; () where `chosen` is the only one.
        card: the model that `request.model` names.
        study: what further is asked about a finished run, a name of `dashboard.jobs.studies.registry.STUDIES`; "" for
            the run itself.
        run: of a study: the finished run's result.
        settle: whether fewer samples will do, once more would no longer change the maps; see
            `core.engine.early_stopping`. Somebody who asks the same without it gets all of them.
        asker: who asks.
    """

    request: ExplainRequest
    chosen: ChosenPicture
    card: ModelCard
    study: str = ""
    run: ExplainResult | None = None
    settle: bool = False
    asker: Asker = Asker()
    pictures: tuple[ChosenPicture, ...] = ()

    @property
    def all_pictures(self) -> tuple[ChosenPicture, ...]:
        """The prompt's pictures, in the order in which the model reads them; or its one video."""
        return self.pictures or (self.chosen,)

    @property
    def id(self) -> str:
        """The run's name in addresses, and that of the study; equal questions have equal names."""
        return study_id(run_id(self.request), self.study)


def question_of(
    request: ExplainRequest, pictures: Sequence[ChosenPicture], card: ModelCard, *, settle: bool = False
) -> Question:
    """A question with its pictures: all of the prompt's, in the order in which the model reads them.

    It is one's own: nothing that was imported answers it, whichever run the request was taken from.
    """
    request = request.own()
    several = tuple(pictures) if len(pictures) > 1 else ()
    return Question(request, pictures[request.picture], card, settle=settle, pictures=several)


def study_id(run: str, study: str) -> str:
    """The name of a study's job."""
    return f"{run}-{study}" if study else run


@dataclass(frozen=True)
class Step:
    """How far a study has come that does not count noise samples.

    Attributes:
        doing: what is done now, in a few words for people.
        done, total: of all that is to do.
        found: what is measured so far, as the study writes it; None where it tells of nothing before its end.
    """

    doing: str
    done: int
    total: int
    found: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a job brought.

    Attributes:
        result: complete, or of fewer samples where the run was stopped; of a study, the run's.
        stopped: whether it was stopped before its last sample.
        settled: whether it ended by itself before its last sample, as `Question.settle` allows.
        notices: what people should know, one sentence each (such as that it could not be stored).
        kept: whether the result was stored, so that it can be read from there.
        findings: what a study found; see `dashboard.jobs.studies.registry`.
    """

    result: ExplainResult
    stopped: bool = False
    settled: bool = False
    notices: tuple[str, ...] = ()
    kept: bool = True
    findings: Any = None

    @property
    def id(self) -> str:
        """The run's name in addresses; a run that ended early is a run of fewer samples."""
        return run_id(self.result.request)


def question_to_dict(question: Question) -> dict[str, Any]:
    """A question as JSON; its pictures are kept beside it, by their digests."""
    return {
        "request": question.request.to_dict(),
        "picture": joint_name([chosen.name for chosen in question.all_pictures]),
        "pictures": [chosen.name for chosen in question.all_pictures],
        "model": question.card.name,
        "study": question.study,
        "settle": question.settle,
        "private": question.asker.private,
    }


def names_from_dict(written: dict[str, Any]) -> tuple[str, ...]:
    """What the pictures of what `question_to_dict` wrote are called."""
    names = written.get("pictures")
    return tuple(map(str, names)) if isinstance(names, list) else (str(written.get("picture", "")),)


def request_from_dict(written: dict[str, Any]) -> ExplainRequest:
    """The request of what `question_to_dict` wrote.

    Raises:
        InputError: another version of this program wrote it.
    """
    try:
        return ExplainRequest.from_dict(written["request"])
    except (ExplainError, AttributeError, KeyError, TypeError, ValueError):
        raise InputError("This was asked by another version of the program, which this one cannot read.") from None
