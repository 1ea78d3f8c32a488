"""Pictures and prompts -> the rows of a batch, each checked before anything is computed. No Streamlit here."""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from cache.batches.batch import Row, request_of
from core import Brightness, ExplainError, ExplainRequest, ImageError, InputError, VideoError, load_picture
from core.export.zips import leaves_folder
from core.inputs.brightness import AUTO
from core.inputs.videos.sampling import Sampling
from dashboard.batch.picture_files import HEAD, lies_beside, seems_picture
from dashboard.batch.table import Pair
from dashboard.jobs.videos import is_film, sampled

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
    """

    number: int
    name: str
    prompt: str
    phrase: str = ""
    image: str = ""
    path: Path | None = None
    problem: str = ""
    frames: int = 0

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
        moving = (digest for digest in self.pictures.values() if digest in self.frames)
        return max(((*self.sizes[digest], self.frames[digest]) for digest in moving), key=prod, default=None)

    def find(self, name: str) -> "Found":
        """See `Find`: among what was uploaded, by its name alone, or by its path in a ZIP."""
        # A table may hold paths of the machine that it was made on; they name uploaded files, never this server's.
        last = name.replace("\\", "/").rsplit("/", 1)[-1]
        for known in (name, last):
            if known in self.pictures:
                return self._found(self.pictures[known])
        within = [digest for path, digest in self.pictures.items() if path.rsplit("/", 1)[-1] == last]
        if len(within) == 1:
            return self._found(within[0])
        raise InputError("No picture of that name was uploaded." if not within else "Several pictures have that name.")

    def _found(self, digest: str) -> "Found":
        return digest, None, self.frames.get(digest, 0)


Found = tuple[str, Path | None, int]
"""A picture's digest, its file if it has one, and how many frames are sampled where it is a video, else 0."""
Find = Callable[[str], Found]
"""The name of a picture, or a video -> what there is of it; raises `ExplainError` where there is none."""


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
    image, path, frames, problem = "", None, 0, pair.problem
    try:
        if not problem:
            if not pair.picture:
                raise InputError("The row names no picture.")
            image, path, frames = _found(pair.picture, find)
            request_of(template, image, prompt, pair.phrase, frames)
    except ExplainError as error:
        image, path, frames, problem = "", None, 0, str(error)
    return PlannedRow(pair.number, pair.picture, prompt, pair.phrase, image, path, problem, frames)


def _found(name: str, find: Find) -> Found:
    try:
        return find(name)
    except InputError:
        if ";" not in name:
            raise
        raise InputError(
            "A row of a batch is about one picture. Write a row for each, or ask one question about all of them under "
            "Compute."
        ) from None


def pictures_in(folder: Path) -> tuple[list[str], int]:
    """The names of a folder's pictures and videos, 2 before 10, and how many other files are there; see `is_taken`.

    Raises:
        InputError: it is no folder, or cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if not lies_beside(path.name) and _is_file(path)]
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror or error}.") from None
    found = sorted((path.name for path in paths if is_taken(path.name, _head(path))), key=_natural)
    return found, len(paths) - len(found)


def is_taken(name: str, head: bytes) -> bool:
    """Whether a file is taken for a picture or a video, by its name and its first `HEAD` bytes."""
    return seems_picture(name, head) or is_film(head)


def all_of(names: Iterable[str]) -> list[Pair]:
    """Each picture once, to be asked one prompt."""
    return [Pair(number, name, "") for number, name in enumerate(names, 1)]


class FolderPictures:
    """Finds pictures and videos by their path within a folder; decodes one at a time and keeps none.

    Args:
        folder: paths that lead out of it are refused.
        brightness: how their values become black to white, where that can be chosen.
        on_look: called after each row, for a progress bar.

    Attributes:
        largest: (width, height) of the picture of the most pixels so far; None before the first one.
        longest: (width, height) and number of the frames of the video of the most pixels in all; likewise.
    """

    def __init__(
        self, folder: Path, on_look: Callable[[], object] = lambda: None, brightness: Brightness = AUTO
    ) -> None:
        self._folder = folder
        self._brightness = brightness
        self._on_look = on_look
        self._known: dict[Path, tuple[str, int] | InputError] = {}
        self.largest: tuple[int, int] | None = None
        self.longest: tuple[int, int, int] | None = None

    def __call__(self, name: str) -> Found:
        """See `Find`."""
        try:
            path = self._path(name)
            if path not in self._known:
                self._known[path] = self._digest(path)
            known = self._known[path]
            if isinstance(known, InputError):
                raise known
            return known[0], path, known[1]
        finally:
            self._on_look()

    def _digest(self, path: Path) -> tuple[str, int] | InputError:
        try:
            if is_film(_head(path)):
                video = sampled(path, Sampling())
                self.longest = max(filter(None, (self.longest, (*video.size, len(video)))), key=prod)
                return video.digest, len(video)
            picture = load_picture(path, self._brightness)
        except (ImageError, VideoError) as error:
            return error
        self.largest = max(filter(None, (self.largest, picture.size)), key=prod)
        return picture.digest, 0

    def _path(self, name: str) -> Path:
        if leaves_folder(name):
            raise InputError("The path leads out of the folder. Write it as seen from there.")
        # A table that was made on Windows has its own separators.
        path = next(filter(_is_file, (self._folder / name, self._folder / name.replace("\\", "/"))), None)
        if path is None:
            raise InputError("There is no such file in the folder.")
        return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have, such as a prompt in the wrong column
        return False


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:  # its name may say enough; then its row says what is wrong
        return b""


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Compares "photo 2" before "photo 10"."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
