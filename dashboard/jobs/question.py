"""What a visitor asks, with everything needed to compute it, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cache import Asker, run_id
from core import ExplainRequest, ExplainResult, ImageError, Picture, load_picture
from core.models.checkpoints import ModelCard
from core.rendering.overlay import fit

PREVIEW = 880
"""Longer side, in pixels, of pictures on a page; downloads have the picture's own."""


@dataclass(frozen=True, eq=False)
class ChosenPicture:
    """A picture as it was given and as the model will see it.

    Attributes:
        name: for people: a file name or the sample scene's.
        data: bytes of the file as it came.
        picture: its checked pixels.
        upload: the upload that it came with, so that it is not decoded at every change; "" for none.
    """

    name: str
    data: bytes
    picture: Picture
    upload: str = ""

    @cached_property
    def preview(self) -> np.ndarray:
        """The pixels, shrunk once to what pages draw on at every rerun: 60 megapixels take a while."""
        return fit(self.picture.pixels, PREVIEW)


@dataclass(frozen=True, eq=False)
class Question:
    """One distinct request with its picture and model.

    Attributes:
        request: what is asked; it alone decides the numbers.
        chosen: the picture that `request.image` names.
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
        """The prompt's pictures, in the order in which the model reads them."""
        return self.pictures or (self.chosen,)

    @property
    def id(self) -> str:
        """The run's name in addresses, and that of the study; equal questions have equal names."""
        return study_id(run_id(self.request), self.study)


def question_of(
    request: ExplainRequest, pictures: Sequence[ChosenPicture], card: ModelCard, *, settle: bool = False
) -> Question:
    """A question with its pictures: all of the prompt's, in the order in which the model reads them."""
    several = tuple(pictures) if len(pictures) > 1 else ()
    return Question(request, pictures[request.picture], card, settle=settle, pictures=several)


def joint_name(names: Sequence[str]) -> str:
    """What the pictures of a prompt are called together; one keeps its name."""
    return names[0] if len(names) == 1 else f"{len(names)} pictures: {', '.join(names)}"


def expected_picture(data: bytes, digest: str, otherwise: str) -> Picture:
    """The picture in the bytes of a file, whose pixels must be those that a digest names.

    Args:
        otherwise: what people are told where they are not.

    Raises:
        ImageError: they are not, or it is no picture.
    """
    picture = load_picture(data)
    if picture.digest != digest:
        raise ImageError(otherwise)
    return picture


def study_id(run: str, study: str) -> str:
    """The name of a study's job."""
    return f"{run}-{study}" if study else run


@dataclass(frozen=True)
class Step:
    """How far a study has come that does not count noise samples.

    Attributes:
        doing: what is done now, in a few words for people.
        done, total: of that.
    """

    doing: str
    done: int
    total: int


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
