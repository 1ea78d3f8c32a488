"""The pictures of imported runs: decoded one at a time, to see that they are those that the numbers are about."""

import io
import warnings

from PIL import Image

from core import InputError
from core.export.budget import Budget
from core.inputs.pictures import FORMATS
from core.inputs.videos.clips import described, read_clip
from dashboard.jobs.pictures import ChosenPicture, expected_picture
from dashboard.jobs.stored_videos import StoredVideo
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import _

MOST_DECODED = 450 * 2**20
"""Bytes that decoding one picture may take at its peak; an import has no more memory than that."""

# Bytes for each pixel while a picture is decoded, laid out and digested: measured, and rounded up. What has more than
# 8 bits a channel is calculated with in float64.
_BYTES = {"RGB": 18, "L": 18, "1": 18, "RGBA": 24, "LA": 24, "P": 24}
_DEEP_BYTES = 48


def read_picture(name: str, data: bytes, image: str, budget: Budget) -> ChosenPicture:
    """The picture in the bytes of a file, whose pixels must be those that a digest names.

    Raises:
        InputError, ImageError: they are not, it is no picture, or decoding it takes more than there is.
    """
    width, height, mode = _size(data)
    budget.take_pixels(width * height)
    most = MOST_DECODED // _BYTES.get(mode, _DEEP_BYTES)
    if width * height > most:
        raise InputError(
            _(
                "A picture in the ZIP has {pixels:.0f} megapixels; of its kind, at most {most:.0f} can be imported. "
                "Compute that run here instead.",
                pixels=width * height / 1e6,
                most=most / 1e6,
            )
        )
    other = _("The picture of a run in the ZIP is not the one that its numbers are about. Export it again.")
    return ChosenPicture(name, data, expected_picture(data, image, other))


def read_video(name: str, data: bytes, image: str, frames: int, budget: Budget) -> ChosenVideo:
    """The video whose stored frames are in the bytes of a file, and must be those that a digest names.

    Of a smaller copy nobody can check that; it is shown, and computed with by nobody.

    Raises:
        InputError, VideoError: they are not, or there are more frames or pixels than there may be.
    """
    told = described(data)
    width, height = told["size"]
    budget.take_pixels(width * height * len(told["times"]))
    if told["digest"] != image or len(told["times"]) != frames:
        raise InputError(_("The video of a run in the ZIP is not the one that its numbers are about. Export it again."))
    read_clip(data)  # raises where it is damaged
    return StoredVideo(name, data, image)


def _size(data: bytes) -> tuple[int, int, str]:
    """Width, height and mode as the file says; nothing is decoded. Whatever is wrong with it says who decodes it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return *image.size, image.mode
    except Exception:  # decoders raise anything
        return 0, 0, ""
