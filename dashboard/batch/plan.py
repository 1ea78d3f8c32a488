"""Pictures and prompts -> the rows of a batch, each checked before anything is computed. No Streamlit here."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from cache.batches.batch import Row, request_of
from core import Brightness, ExplainError, ExplainRequest, InputError
from core.inputs.brightness import AUTO
from core.inputs.documents.pdf import page_name
from core.inputs.videos.sampling import Sampling
from dashboard.batch.found import Find, Found, only_videos
from dashboard.batch.table import Pair

MOST_ROWS = 1_000
"""Rows of a batch that is asked on the page."""
MOST_ROWS_COMMAND = 20_000
"""Rows of a batch that is asked on the command line."""


@dataclass(frozen=True)
class PlannedRow:
    """A row as it would be asked.

    Attributes:
        number: from 1.
        name: of the picture, as it was given.
        prompt, phrase: see `cache.batches.batch.Row`.
        image: digest of the picture; "" where there is a problem.
        path: its file, on the command line.
        problem: why it cannot be asked, a sentence; "" where it can.
        frames: of a video, how many are sampled; 0 for a picture.
        page: of a document, from 1.
        sampling: of a video, which of its frames are sampled.
    """

    number: int
    name: str
    prompt: str
    phrase: str = ""
    image: str = ""
    path: Path | None = None
    problem: str = ""
    frames: int = 0
    page: int = 1
    sampling: Sampling = Sampling()

    def to_row(self) -> Row:
        """What is kept of it."""
        return Row(self.number, self.name, self.image, self.prompt, self.phrase, self.frames)


@dataclass
class BatchDraft:
    """What somebody has given for a batch so far.

    Attributes:
        pictures: name -> digest of what was uploaded and stored; no pixels are held.
        sizes: digest -> (width, height) of these.
        frames: digest -> how many frames were sampled, of those that are videos.
        sampled: (name, as a row of the table asks) -> digest of what was sampled so, of those that are videos.
        originals: of those whose brightness can be chosen, name -> digest of the bytes that came, which are stored by
            that digest.
        brightness: which of their values become black and white.
        value_range: the lowest and the highest value that the files themselves say.
        problems: why files could not be taken, a sentence each.
        pairs: the table; None without one.
        table: its name.
        uploads: how many times the upload widgets were emptied; part of their keys.
        begun: the batch that came of a click on Run, until the browser's address names it: what they did
            meanwhile comes with the old address.
        beginning: held while a run of the page acts on that click: the next one may come before it is done.
        told: the browser's event (see `state.event`) after which that was last put into the address.
    """

    pictures: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    sampled: dict[tuple[str, Sampling], str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    brightness: Brightness = AUTO
    value_range: tuple[float, float] | None = None
    problems: tuple[str, ...] = ()
    pairs: list[Pair] | None = None
    table: str = ""
    uploads: int = 0
    begun: str = ""
    beginning: threading.Lock = field(default_factory=threading.Lock)
    told: object = None

    @property
    def largest(self) -> tuple[int, int] | None:
        """(width, height) of the picture of the most pixels; None where there is no picture."""
        still = (digest for digest in self.pictures.values() if digest not in self.frames)
        return max((self.sizes[digest] for digest in still if digest in self.sizes), key=prod, default=None)

    @property
    def longest(self) -> tuple[int, int, int] | None:
        """(width, height) and number of the frames of the video of the most pixels in all; None where there is none."""
        moving = {*self.pictures.values(), *self.sampled.values()} & self.frames.keys()
        return max(((*self.sizes[digest], self.frames[digest]) for digest in moving), key=prod, default=None)

    def find(self, name: str, sampling: Sampling = Sampling()) -> Found:  # noqa: B008 - it is frozen
        """See `Find`: among what was uploaded, by its name alone, or by its path in a ZIP.

        The name of a document is that of its first page.
        """
        # A table may hold paths of the machine that it was made on; they name uploaded files, never this server's.
        last = last_part(name)
        for known in (name, last, page_name(name, 1), page_name(last, 1)):
            if known in self.pictures:
                return self._found(known, sampling)
        within = [path for path in self.pictures if last_part(path) in (last, page_name(last, 1))]
        if len(within) == 1:
            return self._found(within[0], sampling)
        raise InputError("No picture of that name was uploaded." if not within else "Several pictures have that name.")

    def asked_of(self, name: str) -> set[Sampling]:
        """How the rows of the table have a video of that name sampled, besides as usual."""
        named = (pair for pair in self.pairs or () if last_part(pair.picture) == last_part(name))
        return {pair.sampling for pair in named if not pair.sampling.is_default}

    def _found(self, name: str, sampling: Sampling) -> Found:
        digest = self.pictures[name]
        if digest not in self.frames:
            only_videos(sampling)
        elif not sampling.is_default:
            if (name, sampling) not in self.sampled:
                raise InputError("The video was sampled before the table said how. Upload it once more.")
            digest = self.sampled[name, sampling]
        return Found(digest, frames=self.frames.get(digest, 0), sampling=sampling)


def last_part(name: str) -> str:
    """A file's name without its folders, whichever system they are of."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def plan(pairs: Sequence[Pair], prompt: str, find: Find, template: ExplainRequest, most: int) -> list[PlannedRow]:
    """The rows, each with its picture found and its question checked.

    Args:
        prompt: of rows that have none of their own.
        find: called once for each row.
        template: how they are asked; see `cache.batches.batch.Batch`.
        most: rows that may be asked at once.

    Raises:
        InputError: there are no rows, or too many.
    """
    if not pairs:
        raise InputError("There is no picture to ask about.")
    if len(pairs) > most:
        raise InputError(f"{len(pairs):,} rows are too many: {most:,} can be asked at once. Split them up.")
    return [_planned(pair, pair.prompt or prompt, find, template) for pair in pairs]


def _planned(pair: Pair, prompt: str, find: Find, template: ExplainRequest) -> PlannedRow:
    found, problem = Found(), pair.problem
    try:
        if not problem:
            if not pair.picture:
                raise InputError("The row names no picture.")
            found = _found(pair, find)
            request_of(template, found.image, prompt, pair.phrase, found.frames)
    except ExplainError as error:
        found, problem = Found(), str(error)
    asked = pair.number, pair.picture, prompt, pair.phrase
    return PlannedRow(*asked, found.image, found.path, problem, found.frames, found.page, found.sampling)


def _found(pair: Pair, find: Find) -> Found:
    try:
        return find(pair.picture, pair.sampling)
    except InputError:
        if ";" not in pair.picture:
            raise
        raise InputError(
            "A row of a batch is about one picture. Write a row for each, or ask one question about all of them under "
            "Compute."
        ) from None


def all_of(names: Iterable[str]) -> list[Pair]:
    """Each picture once, to be asked one prompt."""
    return [Pair(number, name, "") for number, name in enumerate(names, 1)]
