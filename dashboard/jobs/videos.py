"""A video of a question: its sampled frames, and what pages show of it. No Streamlit here."""

import io

import numpy as np
from PIL import Image

from core import Video, VideoError, load_video
from core.inputs.videos.kinds import HEAD, kind_of
from core.inputs.videos.sampling import Sampling
from core.rendering.overlay import fit
from dashboard.jobs.decoded import previews
from dashboard.jobs.pictures import PREVIEW, ChosenPicture, File, Reading


class ChosenVideo(ChosenPicture):
    """A video as it was given and as the model will see it.

    Args:
        name, file, upload: as of `ChosenPicture`.
        video: its sampled frames.
        sampling: how they were sampled.
    """

    def __init__(self, name: str, file: File, video: Video, upload: str = "", sampling: Sampling | None = None) -> None:
        self.sampling = sampling or Sampling()
        self.video = video
        super().__init__(name, file, video.digest, upload)
        self.__dict__.update(reading=Reading(video.notes, False, None), size=video.size)

    @property
    def preview(self) -> np.ndarray:
        """Its first frame, shrunk to what pages draw on."""
        return previews().get(self.digest, lambda: fit(self.video.frames[0], PREVIEW).copy())


def is_film(head: bytes) -> bool:
    """Whether a file is a video by its first bytes; GIF and WebP are pictures."""
    try:
        return kind_of(head) in ("mov", "matroska", "avi")
    except VideoError:
        return False


def is_animation(data: bytes) -> bool:
    """Whether a picture file moves: a GIF or WebP of several frames, which can be asked about as a video, too."""
    try:
        if kind_of(data[:HEAD]) not in ("GIF", "WEBP"):
            return False
        with Image.open(io.BytesIO(data), formats=("GIF", "WEBP")) as picture:
            return getattr(picture, "is_animated", False)
    except (VideoError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def read_video(name: str, file: File, upload: str = "", sampling: Sampling | None = None) -> ChosenVideo:
    """A video whose file has just come, sampled and checked.

    Raises:
        VideoError: it cannot be used; a sentence.
    """
    asked = sampling or Sampling()
    video = load_video(file(), fps=asked.fps, count=asked.count, start=asked.start, end=asked.end)
    return ChosenVideo(name, file, video, upload, asked)
