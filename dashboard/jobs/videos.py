"""A video of a question: its sampled frames, and what pages show of it. No Streamlit here."""

import io

import numpy as np
from PIL import Image

from core import Video, VideoError
from core.inputs.videos.clips import is_clip
from core.inputs.videos.kinds import HEAD, kind_of
from core.inputs.videos.sampling import Sampling
from core.rendering.overlay import fit
from dashboard.jobs.decoded import decoded, previews
from dashboard.jobs.pictures import PREVIEW, ChosenPicture, File, Reading


class ChosenVideo(ChosenPicture):
    """A video as it was given and as the model will see it. It holds no frames; see `dashboard.jobs.decoded`.

    Args:
        name, file, upload: as of `ChosenPicture`.
        video: its sampled frames, which are let go of.
        sampling: how they were sampled.

    Attributes:
        times: float64 [frames], when each of them is shown, in seconds.
        duration: seconds that the whole video lasts.
    """

    def __init__(self, name: str, file: File, video: Video, upload: str = "", sampling: Sampling | None = None) -> None:
        super().__init__(name, file, video.digest, upload)
        self.sampling, self.times, self.duration = sampling or Sampling(), video.times, video.duration
        self.__dict__.update(reading=Reading(video.notes, False, None), size=video.size)
        decoded().put(self.digest, video)

    @property
    def video(self) -> Video:
        """Its sampled frames, decoded now unless they were lately; let go of them soon.

        Raises:
            VideoError: the file is gone, or not the same any more.
        """
        return decoded().get(self.digest, self._sampled)

    @property
    def preview(self) -> np.ndarray:
        """Its first frame, shrunk to what pages draw on."""
        return previews().get(self.digest, lambda: fit(self.video.frames[0], PREVIEW).copy())

    def _sampled(self) -> Video:
        video = sampled(self.file(), self.sampling)
        if video.digest != self.digest:
            raise VideoError(self._otherwise)
        return video


def is_film(head: bytes) -> bool:
    """Whether a file is a video by its first bytes, or the stored frames of one; GIF and WebP are pictures."""
    try:
        return is_clip(head) or kind_of(head) in ("mov", "matroska", "avi")
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
    return ChosenVideo(name, file, sampled(file(), sampling or Sampling()), upload, sampling)


def sampled(data: bytes, asked: Sampling) -> Video:
    """The frames of a video file.

    Raises:
        VideoError: it cannot be used; a sentence.
    """
    from core import load_video  # brings FFmpeg, which pages without a video do without

    return load_video(data, fps=asked.fps, count=asked.count, start=asked.start, end=asked.end)
