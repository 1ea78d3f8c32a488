"""A run as pages show it, and one of which only the history knows."""

from dataclasses import dataclass, replace
from functools import partial

from cache import RunRecord, run_id
from core import ExplainRequest, ExplainResult
from dashboard.jobs.pictures import ChosenPicture
from dashboard.memo import memoised


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A run with all that a page needs to show it.

    Attributes:
        result: its numbers; where its prompt holds several pictures, those of one of them, with all of them as
            `result.pictures`.
        chosen: the picture that these are about.
        pictures: all of the prompt's, where there are several; () where `chosen` is the only one.
        record: its record in the history; None where it could not be kept.
        read_seconds: how long reading the result took; None when it was not read.
        notices: what people should know about it.
        whole: the result that was read, about the first picture, where `result` is made of it for another one.
    """

    result: ExplainResult
    chosen: ChosenPicture
    record: RunRecord | None = None
    read_seconds: float | None = None
    notices: tuple[str, ...] = ()
    pictures: tuple[ChosenPicture, ...] = ()
    whole: ExplainResult | None = None

    @property
    def request(self) -> ExplainRequest:
        """What was asked."""
        return self.result.request

    @property
    def id(self) -> str:
        """The run's name in addresses, whichever of its pictures is looked at."""
        return run_id(self.request)

    @property
    def key(self) -> str:
        """What tells it apart from the same run with another of its pictures; fit for a file's name."""
        return f"{self.id}_picture-{self.request.picture + 1}" if self.pictures else self.id

    @property
    def all_pictures(self) -> tuple[ChosenPicture, ...]:
        """The prompt's pictures, in the order in which the model reads them."""
        return self.pictures or (self.chosen,)

    def of_picture(self, number: int) -> "LoadedRun":
        """The same run with the maps of another picture of its prompt, counted from 0."""
        if number == self.request.picture:
            return self
        whole = self.whole or self.result
        # What is drawn of a result is kept with it, so that each picture's has to last as long as the whole.
        each = partial(replace, whole.pictures[number], pictures=whole.pictures)
        result = memoised(whole, ("of picture", number), each) if number else whole
        return replace(self, result=result, chosen=self.pictures[number], whole=whole)

    def each_picture(self) -> list["LoadedRun"]:
        """The same run with the maps of each picture of its prompt."""
        return [self.of_picture(number) for number in range(len(self.all_pictures))]


@dataclass(frozen=True, eq=False)
class EvictedRun:
    """A run of which the history knows, but whose heat or picture is gone.

    Attributes:
        record: its record in the history.
        chosen: its first picture, where all of them are still there.
        pictures: all of the prompt's, where there are several; () where any of them is gone.
    """

    record: RunRecord
    chosen: ChosenPicture | None
    pictures: tuple[ChosenPicture, ...] = ()

    @property
    def request(self) -> ExplainRequest:
        """What was asked."""
        return ExplainRequest.from_dict(self.record.request)
