"""What was saved -> an `Explanation`, without a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, VideoError
from core.explanation.explanation import Explanation, explained
from core.explanation.saving import FRAMES, NUMBERS, PIXELS, picture_folder
from core.export.npz_reader import LIMITS, from_npz
from core.inputs.pictures import GivenPicture, Picture, load_pictures
from core.inputs.videos.clips import video_in
from core.inputs.videos.video import Video
from core.schema import ExplainRequest
from core.schema.checks import check_instance


def load_result(
    source: bytes | str | Path, picture: GivenPicture | Sequence[GivenPicture] | Video | None = None
) -> Explanation:
    """A result that was saved or exported, ready to be shown; no model and no torch is loaded.

    Args:
        source: result.npz as bytes or as a path, or the folder of `Explanation.save`, which holds the picture, too.
        picture: what was asked about, so that maps are drawn over it: a picture, several in the prompt's order, or the
            video (of a file of sampled frames, video.zip, the path or the bytes). None where it is not at hand.

    Raises:
        InputError: the file is no result, or the picture is another one; one sentence says so.
    """
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    check_instance("What to load", source, bytes | str | Path, "the bytes or the path of a result.npz")
    path = None if isinstance(source, bytes) else Path(source)
    result = from_npz(source if path is None else _bytes_of(path))
    if picture is None:
        return explained(result, _beside(path, result.request) if path is not None else None)
    return explained(result, _checked(picture, result.request))


def _bytes_of(path: Path) -> bytes:
    try:
        file = path / NUMBERS if path.is_dir() else path
        if not file.is_file():
            raise InputError(f"There is no result {str(path)[:100]!r}. Give a result.npz, or the folder that holds it.")
        if file.stat().st_size > LIMITS.total:
            raise InputError(f"{file.name} is larger than {LIMITS.total // 2**20} MB, the most that can be read.")
        return file.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or "there cannot be such a file"
        raise InputError(f"The result {str(path)[:100]!r} cannot be read: {why}.") from None


def _checked(given: Any, request: ExplainRequest) -> tuple[Picture, ...] | Video:
    """What was given as the picture, if it is the one that was asked about."""
    if request.is_video:
        video = given if isinstance(given, Video) else _frames(given)
        if video.digest != request.image:
            raise InputError("These are other frames than those of the result. Give the video as it was sampled.")
        return video
    pictures = load_pictures(given)
    if tuple(each.digest for each in pictures) != request.all_images:
        raise InputError(
            "This is not what the result is of: its pixels are others. Give the pictures that it was asked about, in "
            "their order; one of more than 8 bits as core.load_picture(file, brightness) with the same brightness."
        )
    return pictures


def _frames(given: Any) -> Video:
    if not isinstance(given, bytes | str | Path):
        raise InputError("This result is of a video. Give it as a core.Video, or video.zip as it was saved.")
    return video_in(Path(given) if isinstance(given, str) else given)


def _beside(path: Path, request: ExplainRequest) -> list[Picture | None] | Video | None:
    """The pictures that were saved with a result, where they are there and are those that were asked about."""
    folder = path if path.is_dir() else path.parent
    if request.is_video:
        try:
            video = video_in(folder / FRAMES)
        except VideoError:
            return None
        return video if video.digest == request.image else None
    count = len(request.all_images)
    return [
        _saved(picture_folder(folder, number, count) / PIXELS, digest)
        for number, digest in enumerate(request.all_images)
    ]


def _saved(file: Path, digest: str) -> Picture | None:
    try:
        (picture,) = load_pictures(file)
    except InputError:
        return None
    return picture if picture.digest == digest else None
