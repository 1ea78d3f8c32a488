"""A video of a question: its sampled frames, and what pages show of it. No Streamlit here."""

import io
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import Video, VideoError
from core.inputs.videos.clips import is_clip, to_clip
from core.inputs.videos.kinds import FILM_KINDS, HEAD, kind_of
from core.inputs.videos.sampling import Sampling
from core.rendering.overlay import fit
from dashboard.jobs.decoded import decoded, previews
from dashboard.jobs.pictures import PREVIEW, ChosenPicture, File, Reading


class ChosenVideo(ChosenPicture):
    """A video as it was given and as the model will see it. It holds no frames; see `dashboard.jobs.decoded`.

    Args:
        name, file, upload, otherwise, is_stored: as of `ChosenPicture`.
        video: its sampled frames, which are let go of; or, where nothing was decoded yet, their digest.
        sampling: how they were sampled.
    """

    def __init__(
        self,
        name: str,
        file: File | bytes,
        video: Video | str,
        upload: str = "",
        sampling: Sampling | None = None,
        **stored: Any,
    ) -> None:
        super().__init__(name, file, video if isinstance(video, str) else video.digest, upload, **stored)
        self.sampling = sampling or Sampling()
        if not isinstance(video, str):
            self.__dict__.update(
                reading=Reading(video.notes, False, None), size=video.size, times=video.times, duration=video.duration
            )
            decoded().put(self.digest, video)

    @property
    def video(self) -> Video:
        """Its sampled frames, decoded now unless they were lately; let go of them soon.

        Where a smaller copy alone is stored it is that copy's, to be looked at; see `exact`.

        Raises:
            VideoError: the file is gone, or not the same any more.
        """
        return decoded().get(self._key, self._sampled)

    @property
    def exact(self) -> Video:
        """The very frames that its digest names, for a model to see.

        Raises:
            VideoError: as `video`, or a smaller copy alone is stored.
        """
        video = self.video
        if video.digest != self.digest:
            raise VideoError(
                "Of this video a smaller copy to look at is stored alone, with which the model would give other "
                "numbers. Upload the video again."
            )
        return video

    @property
    def data(self) -> bytes:
        """What is kept and handed on: its sampled frames as one file, never the file that came."""
        return to_clip(self.exact)

    @property
    def preview(self) -> np.ndarray:
        """Its first frame, shrunk to what pages draw on."""
        return previews().get(self._key, lambda: fit(self.video.frames[0], PREVIEW).copy())

    @cached_property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame in pixels."""
        return self.video.size

    @cached_property
    def reading(self) -> Reading:
        """What is to be said of it."""
        return Reading(self.video.notes, False, None)

    @cached_property
    def times(self) -> np.ndarray:
        """float64 [frames], when each of its sampled frames is shown, in seconds."""
        return self.video.times

    @cached_property
    def duration(self) -> float:
        """Seconds that the whole video lasts."""
        return self.video.duration

    def checked(self) -> "ChosenVideo":
        """Itself, once its frames have been read.

        Raises:
            VideoError: as `video`.
        """
        _ = self.video
        return self

    @property
    def _key(self) -> str:
        """Names its frames among those that all visitors share."""
        return self.digest

    def _sampled(self) -> Video:
        video = sampled(self.file(), self.sampling)
        if video.digest != self.digest:
            raise VideoError(self._otherwise)
        return video


def is_film(head: bytes) -> bool:
    """Whether a file is a video by its first bytes, or the stored frames of one; GIF and WebP are pictures."""
    try:
        return is_clip(head) or kind_of(head) in FILM_KINDS
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


def read_video(
    name: str, file: File, upload: str = "", sampling: Sampling | None = None, as_far_as_whole: bool = False
) -> ChosenVideo:
    """A video whose file has just come, sampled and checked.

    Args:
        as_far_as_whole: of one that breaks off what is there is taken, and that is noted; else it is refused.

    Raises:
        VideoError: it cannot be used; a sentence.
    """
    asked = sampling or Sampling()
    try:
        return ChosenVideo(name, file, sampled(file(), asked), upload, sampling)
    except VideoError as error:
        if not as_far_as_whole or error.whole is None:
            raise
        there = replace(asked, end=error.whole)
        video = sampled(file(), there)
        note = f"This video breaks off; its first {error.whole:g} s are used."
        return ChosenVideo(name, file, replace(video, notes=(*video.notes, note)), upload, there)


def sampled(data: bytes | Path, asked: Sampling) -> Video:
    """The frames of a video file, given as bytes or by its path.

    Raises:
        VideoError: it cannot be used; a sentence.
    """
    from core import load_video  # brings FFmpeg, which pages without a video do without

    return load_video(data, fps=asked.fps, count=asked.count, start=asked.start, end=asked.end)
