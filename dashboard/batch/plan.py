"""Pictures and prompts -> the rows of a batch, each checked before anything is computed. No Streamlit here."""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from cache.batches.batch import Row, request_of
from core import Brightness, ExplainError, ExplainRequest, ImageError, InputError, load_picture
from core.export.zips import leaves_folder
from core.inputs.brightness import AUTO
from dashboard.batch.picture_files import HEAD, lies_beside, seems_picture
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
    """

    number: int
    name: str
    prompt: str
    phrase: str = ""
    image: str = ""
    path: Path | None = None
    problem: str = ""

    def to_row(self) -> Row:
        """What is kept of it."""
        return Row(self.number, self.name, self.image, self.prompt, self.phrase)


@dataclass
class BatchDraft:
    """What somebody has given for a batch so far.

    Attributes:
        pictures: name -> digest of what was uploaded and stored; no pixels are held.
        sizes: digest -> (width, height) of these.
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
        known = [self.sizes[digest] for digest in self.pictures.values() if digest in self.sizes]
        return max(known, key=prod, default=None)

    def find(self, name: str) -> tuple[str, None]:
        """See `Find`: among what was uploaded, by its name alone, or by its path in a ZIP."""
        # A table may hold paths of the machine that it was made on; they name uploaded files, never this server's.
        last = name.replace("\\", "/").rsplit("/", 1)[-1]
        for known in (name, last):
            if known in self.pictures:
                return self.pictures[known], None
        within = [digest for path, digest in self.pictures.items() if path.rsplit("/", 1)[-1] == last]
        if len(within) == 1:
            return within[0], None
        raise InputError("No picture of that name was uploaded." if not within else "Several pictures have that name.")


Find = Callable[[str], tuple[str, Path | None]]
"""The name of a picture -> its digest, and its file if it has one; raises `ExplainError` where there is none."""


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
    image, path, problem = "", None, pair.problem
    try:
        if not problem:
            if not pair.picture:
                raise InputError("The row names no picture.")
            image, path = _found(pair.picture, find)
            request_of(template, image, prompt, pair.phrase)
    except ExplainError as error:
        image, path, problem = "", None, str(error)
    return PlannedRow(pair.number, pair.picture, prompt, pair.phrase, image, path, problem)


def _found(name: str, find: Find) -> tuple[str, Path | None]:
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
    """The names of a folder's picture files, 2 before 10, and how many other files are there; see `picture_files`.

    Raises:
        InputError: it is no folder, or cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if not lies_beside(path.name) and _is_file(path)]
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror or error}.") from None
    found = sorted((path.name for path in paths if seems_picture(path.name, _head(path))), key=_natural)
    return found, len(paths) - len(found)


def all_of(names: Iterable[str]) -> list[Pair]:
    """Each picture once, to be asked one prompt."""
    return [Pair(number, name, "") for number, name in enumerate(names, 1)]


class FolderPictures:
    """Finds pictures by their path within a folder; decodes one at a time and keeps none.

    Args:
        folder: paths that lead out of it are refused.
        brightness: how their values become black to white, where that can be chosen.
        on_look: called after each row, for a progress bar.

    Attributes:
        largest: (width, height) of the picture of the most pixels so far; None before the first one.
    """

    def __init__(
        self, folder: Path, on_look: Callable[[], object] = lambda: None, brightness: Brightness = AUTO
    ) -> None:
        self._folder = folder
        self._brightness = brightness
        self._on_look = on_look
        self._known: dict[Path, str | ImageError] = {}
        self.largest: tuple[int, int] | None = None

    def __call__(self, name: str) -> tuple[str, Path]:
        """See `Find`."""
        try:
            path = self._path(name)
            if path not in self._known:
                self._known[path] = self._digest(path)
            known = self._known[path]
            if isinstance(known, ImageError):
                raise known
            return known, path
        finally:
            self._on_look()

    def _digest(self, path: Path) -> str | ImageError:
        try:
            picture = load_picture(path, self._brightness)
        except ImageError as error:
            return error
        self.largest = max(filter(None, (self.largest, picture.size)), key=prod)
        return picture.digest

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
