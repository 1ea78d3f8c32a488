"""A picture of a question: given now, or read from the store when needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import ref

import numpy as np

from core import ImageError, Picture, load_picture
from core.rendering.overlay import fit
from dashboard.storage.data_folder import Storage

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


class StoredPicture:
    """As `ChosenPicture`, of a picture that is stored: read when it is needed, and let go."""

    upload = ""

    def __init__(self, name: str, image: str, storage: Storage) -> None:
        self.name = name
        self._image = image
        self._storage = storage
        self._read: ref[Picture] | None = None

    @property
    def data(self) -> bytes:
        """Bytes of the file as it came."""
        data = self._storage.pictures.get(self._image)
        if data is None:
            raise ImageError("The picture is no longer stored on this server. Upload it again in a new batch.")
        return data

    @property
    def picture(self) -> Picture:
        """Its checked pixels."""
        picture = None if self._read is None else self._read()
        if picture is None:
            damaged = "The stored picture is damaged. Upload it again in a new batch."
            picture = expected_picture(self.data, self._image, damaged)
            self._read = ref(picture)
        return picture

    @cached_property
    def preview(self) -> np.ndarray:
        """The pixels, shrunk to what pages draw on."""
        return fit(self.picture.pixels, PREVIEW)


TYPES = ("png", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp")


MOST_AT_ONCE = 12
"""Pictures that one press of Run asks about: a decoded one can take 200 MB."""
