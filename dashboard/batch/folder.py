"""The pictures, documents and videos of a folder, found by their paths within it. No Streamlit here."""

import re
from collections.abc import Callable
from math import prod
from pathlib import Path

from core import Brightness, ExplainError, ImageError, InputError, VideoError, load_picture
from core.export.zips import leaves_folder
from core.inputs.brightness import AUTO
from core.inputs.documents.pdf import is_pdf, split_name
from core.inputs.pictures import read_file
from core.inputs.videos.sampling import Sampling
from dashboard.batch.found import Found, names_of_pages, only_videos
from dashboard.batch.picture_files import HEAD, lies_beside, seems_picture
from dashboard.jobs.videos import is_film, sampled


def pictures_in(folder: Path) -> tuple[list[str], int]:
    """The names of a folder's pictures and videos, 2 before 10, and how many other files are there; see `is_taken`.

    Of a document each page is named.

    Raises:
        InputError: it is no folder, or cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if not lies_beside(path.name) and _is_file(path)]
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror or error}.") from None
    found = sorted((path.name for path in paths if is_taken(path.name, _head(path))), key=_natural)
    return [page for name in found for page in _pages(folder / name)], len(paths) - len(found)


def is_taken(name: str, head: bytes) -> bool:
    """Whether a file is taken for a picture or a video, by its name and its first `HEAD` bytes."""
    return seems_picture(name, head) or is_film(head)


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
        self._known: dict[tuple[Path, int, Sampling], Found | ExplainError] = {}
        self.largest: tuple[int, int] | None = None
        self.longest: tuple[int, int, int] | None = None

    def __call__(self, name: str, sampling: Sampling = Sampling()) -> Found:  # noqa: B008 - it is frozen
        """See `Find`."""
        try:
            asked = (*self._path(name), sampling)
            if asked not in self._known:
                self._known[asked] = self._look(*asked)
            known = self._known[asked]
            if isinstance(known, ExplainError):
                raise known
            return known
        finally:
            self._on_look()

    def _look(self, path: Path, page: int, sampling: Sampling) -> Found | ExplainError:
        try:
            if is_film(_head(path)):
                video = sampled(path, sampling)
                self.longest = max(filter(None, (self.longest, (*video.size, len(video)))), key=prod)
                return Found(video.digest, path, len(video), sampling=sampling)
            only_videos(sampling)
            picture = load_picture(path, self._brightness, page)
        except (ImageError, VideoError, InputError) as error:
            return error
        self.largest = max(filter(None, (self.largest, picture.size)), key=prod)
        return Found(picture.digest, path, page=page)

    def _path(self, name: str) -> tuple[Path, int]:
        if leaves_folder(name):
            raise InputError("The path leads out of the folder. Write it as seen from there.")
        for file, page in ((name, None), split_name(name)):
            # A table that was made on Windows has its own separators.
            path = next(filter(_is_file, (self._folder / file, self._folder / file.replace("\\", "/"))), None)
            if path is not None:
                return path, page or 1
        raise InputError("There is no such file in the folder.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have, such as a prompt in the wrong column
        return False


def _pages(path: Path) -> list[str]:
    try:
        return names_of_pages(path.name, read_file(path)) if is_pdf(_head(path)) else [path.name]
    except ImageError:
        return [path.name]  # its row says why


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
