"""Sampled frames of videos in the picture store, a file a video: exact, or a smaller copy. No Streamlit here."""

import hashlib
import math
from functools import cached_property
from typing import Any

import numpy as np

from core import ExplainRequest, Video, VideoError
from core.inputs.decoding_gate import DecodingGate
from core.inputs.videos.clips import described, read_clip, to_clip
from core.inputs.videos.limits import MAX_PIXELS
from dashboard.jobs.decoded import decoded
from dashboard.jobs.pictures import ChosenPicture, Reading, store_picture, stored_picture
from dashboard.jobs.videos import ChosenVideo
from dashboard.settings import read_settings
from dashboard.storage.data_folder import Storage

_STORING = DecodingGate(MAX_PIXELS)
"""Frames and the file that is made of them may take a gigabyte, which not every visitor has at the same time."""
_DAMAGED = "The stored frames of the video are damaged. Upload it again."


class StoredVideo(ChosenVideo):
    """A video whose sampled frames lie in the picture store; nothing is read before it is needed."""

    @property
    def data(self) -> bytes:
        """The file as it is stored."""
        return self.file()

    @property
    def is_exact(self) -> bool:
        """Whether the very frames are stored that its digest names."""
        return self._told["exact"]

    @cached_property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame in pixels."""
        return tuple(self._told["size"])

    @cached_property
    def reading(self) -> Reading:
        """What is to be said of it."""
        return Reading(tuple(self._told["notes"]), False, None)

    @cached_property
    def times(self) -> np.ndarray:
        """float64 [frames], when each of its sampled frames is shown, in seconds."""
        return np.array(self._told["times"], np.float64)

    @cached_property
    def duration(self) -> float:
        """Seconds that the whole video lasts."""
        return float(self._told["duration"])

    def checked(self) -> "StoredVideo":
        """Itself, once its file is known to be there and its frames have been read.

        Raises:
            VideoError: they are gone or damaged.
        """
        if self._told["digest"] != self.digest:
            raise VideoError(_DAMAGED)
        return super().checked()

    @cached_property
    def _key(self) -> str:
        # Nobody can check that a copy, which may come with an import, is of that video: it is shown for itself alone.
        return self.digest if self.is_exact else f"copy {hashlib.sha256(self.file()).hexdigest()}"

    @cached_property
    def _told(self) -> dict[str, Any]:
        return described(self.file())

    def _sampled(self) -> Video:
        clip = read_clip(self.file())
        if clip.digest != self.digest:
            raise VideoError(_DAMAGED)
        return clip.video


def stored_video(name: str, digest: str, storage: Storage) -> StoredVideo:
    """A video whose sampled frames lie in the picture store; nothing is read before it is needed."""

    def read() -> bytes:
        data = storage.pictures.get(digest)
        if data is None:
            raise VideoError("The frames of the video are no longer stored on this server. Upload it again.")
        return data

    return StoredVideo(name, read, digest, is_stored=True, otherwise=_DAMAGED)


def stored_source(name: str, image: str, request: ExplainRequest, storage: Storage) -> ChosenPicture:
    """The picture or the video of that digest which a request is about, as it is stored."""
    return (stored_video if request.is_video else stored_picture)(name, image, storage)


def store_source(chosen: ChosenPicture, storage: Storage) -> ChosenPicture:
    """Keeps a picture's file as `store_picture` does; of a video its sampled frames, unless sound ones are kept.

    Where a smaller copy is all that is to be kept, the video stays as it came, so that it can be computed.

    Raises:
        StoreError: they cannot be written.
        ImageError, VideoError: its file is gone.
    """
    if not isinstance(chosen, ChosenVideo):
        return store_picture(chosen, storage)
    if chosen.is_stored:
        return chosen
    stored = stored_video(chosen.name, chosen.digest, storage)
    settings, pixels = read_settings(), math.prod(chosen.size) * len(chosen.times)
    wants_exact = settings.stored_frames == "exact" and 3 * pixels <= settings.exact_frames_mb * 2**20
    with _STORING.room_for(pixels):
        if not _is_sound(stored):
            # A copy that is there may be a stranger's, of which nobody can check what it is of.
            storage.pictures.put(chosen.digest, to_clip(chosen.exact, exact=wants_exact))
            stored = stored_video(chosen.name, chosen.digest, storage)
            decoded().put(chosen.digest, chosen.exact)
    return stored if stored.is_exact else chosen


def _is_sound(stored: StoredVideo) -> bool:
    """Whether the very frames are kept."""
    try:
        clip = read_clip(stored.file())
    except VideoError:
        return False
    return clip.is_exact and clip.digest == stored.digest
