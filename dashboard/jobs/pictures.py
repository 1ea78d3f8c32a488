"""A picture of a question: where its file lies, and what pages show of it. No Streamlit here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core import Brightness, ImageError, Picture, load_picture
from core.inputs.brightness import AUTO
from core.inputs.documents.pdf import page_name
from core.inputs.stored import as_it_was, as_png
from core.rendering.overlay import fit
from dashboard.jobs.decoded import decoded, previews
from dashboard.storage.data_folder import Storage

PREVIEW = 880
"""Longer side, in pixels, of pictures on a page; downloads have the picture's own."""
MOST_AT_ONCE = 12
"""Pictures that one press of Run asks about."""

File = Callable[[], bytes]
"""Gives the bytes of a picture's file, and raises `ImageError` where it is gone."""


@dataclass(frozen=True)
class Reading:
    """What is to be said of a file besides its pixels; see `core.Picture` for the fields."""

    notes: tuple[str, ...]
    adjustable: bool
    value_range: tuple[float, float] | None
    pages: int = 0
    print_size: float = 0.0


class ChosenPicture:
    """A picture as it was given and as the model will see it. It holds no pixels; see `dashboard.jobs.decoded`.

    Args:
        name: for people: a file name or the sample scene's.
        file: its file as it came, or what gives it.
        picture: its checked pixels, which are let go of; or, where it has not been decoded yet, their digest.
        upload: the upload that it came with, so that it is not decoded at every change; "" for none.
        brightness: which of the file's values became black and white.
        page: of a document, which page it is, from 1.
        is_stored: whether its file is that of the picture store.
        otherwise: what people are told where the file has other pixels by now.
    """

    def __init__(
        self,
        name: str,
        file: bytes | File,
        picture: Picture | str,
        upload: str = "",
        *,
        brightness: Brightness = AUTO,
        page: int = 1,
        is_stored: bool = False,
        otherwise: str = "The file is not the one that was chosen any more. Upload it again.",
    ) -> None:
        self.name, self.upload, self.is_stored = name, upload, is_stored
        self.brightness, self.page = brightness, page
        self.file: File = (lambda: file) if isinstance(file, bytes) else file
        self.digest = picture if isinstance(picture, str) else picture.digest
        self._otherwise = otherwise
        if not isinstance(picture, str):
            self._note(picture)

    @property
    def picture(self) -> Picture:
        """Its checked pixels, decoded now unless they were lately; let go of them soon.

        Raises:
            ImageError: the file is gone, or not the same any more.
        """
        return decoded().get(self.digest, self._decode)

    @property
    def data(self) -> bytes:
        """The file that is kept, which needs no choice to be read: as it came, or the chosen pixels as a PNG.

        Of a document it is the page alone: the others are nobody's business, and the pixels do not depend on who draws.

        Raises:
            ImageError: as `picture`.
        """
        adjusted = self.brightness != AUTO and self.reading.adjustable
        return as_png(self.picture) if adjusted or self.reading.pages else self.file()

    @property
    def preview(self) -> np.ndarray:
        """The pixels, shrunk to what pages draw on at every rerun, and kept: 60 megapixels take a while."""
        return previews().get(self.digest, lambda: _shrunk(self.picture))

    @cached_property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.picture.size

    @cached_property
    def reading(self) -> Reading:
        """What is to be said of this very file: another one may have the same pixels.

        Raises:
            ImageError: as `picture`.
        """
        picture = self._decode()
        decoded().put(self.digest, picture)
        return self._note(picture)

    def checked(self) -> "ChosenPicture":
        """Itself, once its file has been read and decoded.

        Raises:
            ImageError: as `picture`.
        """
        _ = self.reading
        return self

    def _note(self, picture: Picture) -> Reading:
        """Notes what needs the pixels while they are at hand, where `cached_property` looks for it."""
        choices = picture.adjustable, picture.value_range, picture.pages, picture.print_size
        reading = Reading(picture.notes, *choices)
        self.__dict__.update(reading=reading, size=picture.size)
        previews().put(self.digest, _shrunk(picture))
        return reading

    def _decode(self) -> Picture:
        return expected_picture(self.file(), self.digest, self._otherwise, self.brightness, self.page)


def read_picture(
    name: str, file: File, upload: str = "", brightness: Brightness = AUTO, page: int = 1
) -> ChosenPicture:
    """A picture whose file has just come, checked; a page of several is called by its file and its number.

    Raises:
        ImageError: it cannot be used; a sentence.
    """
    picture = load_picture(file(), brightness, page)
    decoded().put(picture.digest, picture)
    name = page_name(name, page) if picture.pages > 1 else name
    return ChosenPicture(name, file, picture, upload, brightness=brightness, page=page)


def stored_picture(name: str, digest: str, storage: Storage) -> ChosenPicture:
    """A picture whose file lies in the picture store; nothing is read before it is needed."""

    def read() -> bytes:
        data = storage.pictures.get(digest)
        if data is None:
            raise ImageError("The picture is no longer stored on this server. Upload it again.")
        return data

    damaged = "The stored picture is damaged. Upload it again."
    return ChosenPicture(name, read, digest, is_stored=True, otherwise=damaged)


def store_picture(chosen: ChosenPicture, storage: Storage) -> ChosenPicture:
    """Keeps a picture's file, unless a sound one of the same pixels is kept; returns the picture as it is stored then.

    Raises:
        StoreError: it cannot be written.
        ImageError: its file is gone.
    """
    if chosen.is_stored:
        return chosen
    data, stored = chosen.data, stored_picture(chosen.name, chosen.digest, storage)
    if storage.pictures.get(chosen.digest) != data and not _is_sound(stored):
        storage.pictures.put(chosen.digest, data)
    if "size" in vars(chosen):  # known, and needed to say what a run will take
        stored.__dict__["size"] = chosen.size
    return stored


def expected_picture(data: bytes, digest: str, otherwise: str, brightness: Brightness = AUTO, page: int = 1) -> Picture:
    """The picture in the bytes of a file, whose pixels must be those that a digest names.

    Args:
        otherwise: what people are told where they are not.

    Raises:
        ImageError: they are not, or it is no picture.
    """
    is_chosen = brightness != AUTO or page > 1
    picture = load_picture(data, brightness, page) if is_chosen else as_it_was(data, digest)
    if picture is None or picture.digest != digest:
        raise ImageError(otherwise)
    return picture


def joint_name(names: Sequence[str]) -> str:
    """What the pictures of a prompt are called together; one keeps its name."""
    return names[0] if len(names) == 1 else f"{len(names)} pictures: {', '.join(names)}"


def _is_sound(stored: ChosenPicture) -> bool:
    try:
        stored.checked()
    except ImageError:
        return False
    return True


def _shrunk(picture: Picture) -> np.ndarray:
    small = fit(picture.pixels, PREVIEW)
    return small if small is not picture.pixels else small.copy()  # one that shares its pixels would keep them alive
