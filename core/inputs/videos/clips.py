"""Sampled frames and their times as one file, and back: a ZIP of pictures with a description, nothing of it packed.

    video.json       digest, size, times in seconds, duration, notes, and whether the frames are exact
    frame-0001.webp  a frame, and so on; PNG where a side is longer than WebP can have

Exact frames give the same digest again, so that the same question gets the same numbers. Those that are not are a copy
to look at, smaller, and answer no question.
"""

import io
import json
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import VideoError
from core.inputs.decoding_gate import VIDEO_GATE
from core.inputs.videos.limits import MAX_PIXELS
from core.inputs.videos.video import Video
from core.schema import MAX_FRAMES

DESCRIPTION = "video.json"
HEAD = 64
"""Bytes that tell a clip."""
MAX_CLIP_BYTES = 2**30
QUALITY = 90
"""Of frames that are not exact, as WebP counts it."""
_LONGEST_SIDE = 16_383
_LONGEST_DESCRIPTION = 2**18
_MOST_NOTES, _LONGEST_NOTE = 50, 1_000
_FORMATS = {"webp": "WEBP", "png": "PNG"}
_LISTED = b"PK\x01\x02"
"""What begins each member's line in a ZIP's table of contents."""
_BAD = (
    *(KeyError, TypeError, ValueError, OverflowError, RecursionError, AttributeError, EOFError, SyntaxError, OSError),
    *(IndexError, struct.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, Image.DecompressionBombError),
)
_DAMAGED = "The stored frames of this video are damaged. Give the video itself again."


@dataclass(frozen=True, eq=False)
class Clip:
    """What a clip holds.

    Attributes:
        video: the frames; where they are not exact, with a digest of their own.
        digest: of the video that was stored.
        is_exact: whether the frames are the very ones that were stored.
    """

    video: Video
    digest: str
    is_exact: bool


def to_clip(video: Video, *, exact: bool = True) -> bytes:
    """The bytes of a clip; the same video gives the same bytes.

    Args:
        exact: whether every pixel is kept; a clip that is not takes about an eighth, and is for looking at alone.
    """
    kind, data = "webp" if max(video.size) <= _LONGEST_SIDE else "png", io.BytesIO()
    told = {
        "digest": video.digest,
        "exact": exact,
        "size": list(video.size),
        "times": [float(time) for time in video.times],
        "duration": float(video.duration),
        "kind": kind,
        "notes": [note[:_LONGEST_NOTE] for note in video.notes[:_MOST_NOTES]],
    }
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zipfile.ZipInfo(DESCRIPTION), json.dumps(told, ensure_ascii=False))
        for number, frame in enumerate(video.frames, 1):
            file.writestr(zipfile.ZipInfo(_name(number, kind)), _encoded(frame, kind, exact))
    return data.getvalue()


def is_clip(head: bytes) -> bool:
    """Whether a file is a clip, by its first bytes, `HEAD` of them."""
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + len(DESCRIPTION)] == DESCRIPTION.encode()


def is_clip_source(source: Any) -> bool:
    """Whether the bytes of a file, or the file at a path, are a clip."""
    if isinstance(source, bytes):
        return is_clip(source[:HEAD])
    try:
        with Path(source).open("rb") as file:
            return is_clip(file.read(HEAD))
    except (OSError, ValueError, TypeError):
        return False


def read_clip(source: bytes | Path) -> Clip:
    """The clip in a file, which may be a stranger's: checked before anything is decoded, and frame by frame.

    Raises:
        VideoError: it cannot be read, is damaged or too large, or its frames are not those that its digest names.
    """
    data = source if isinstance(source, bytes) else _bytes_of(source)
    if len(data) > MAX_CLIP_BYTES:
        raise VideoError(f"The stored frames have more than {MAX_CLIP_BYTES // 2**20:,} MB, the most that can be read.")
    try:
        with _opened(data) as file:
            told, frames = _read(file)
        times = np.array(told["times"], np.float64)
        video = Video.of(frames, times, float(told["duration"]), tuple(told["notes"]))
    except VideoError:
        raise
    except _BAD:
        raise VideoError(_DAMAGED) from None
    if told["exact"] and video.digest != told["digest"]:
        raise VideoError(_DAMAGED)
    return Clip(video, told["digest"], told["exact"])


def described(data: bytes) -> dict[str, Any]:
    """What a clip says of itself, checked; no frame is decoded.

    Raises:
        VideoError: it is damaged.
    """
    try:
        with _opened(data) as file:
            return _description(file)
    except VideoError:
        raise
    except _BAD:
        raise VideoError(_DAMAGED) from None


def video_in(source: bytes | Path) -> Video:
    """The video of an exact clip.

    Raises:
        VideoError: as `read_clip`, or it is a copy to look at.
    """
    clip = read_clip(source)
    if not clip.is_exact:
        raise VideoError(
            "These frames are a smaller copy to look at; with them the model would give other numbers. Give the video "
            "itself."
        )
    return clip.video


def _opened(data: bytes) -> zipfile.ZipFile:
    # Counted first: the table of contents of a large file can take gigabytes once it is read.
    if data.count(_LISTED) > 2 * (MAX_FRAMES + 1):
        raise ValueError("it holds more files than a video has frames")
    return zipfile.ZipFile(io.BytesIO(data))


def _read(file: zipfile.ZipFile) -> tuple[dict[str, Any], np.ndarray]:
    told = _description(file)
    width, height = told["size"]
    count = len(told["times"])
    wanted = [DESCRIPTION, *(_name(number, told["kind"]) for number in range(1, count + 1))]
    members = file.infolist()
    # Nothing is packed, so that a small file cannot unpack to a large one.
    if [each.filename for each in members] != wanted or any(each.compress_type for each in members):
        raise ValueError("it holds other files")
    with VIDEO_GATE.room_for(width * height * count):
        frames = np.empty((count, height, width, 3), np.uint8)
        for frame, member in zip(frames, members[1:], strict=True):
            data = io.BytesIO(file.read(member))
            with Image.open(data, formats=[_FORMATS[told["kind"]]]) as image:
                if image.size != (width, height) or image.mode != "RGB" or getattr(image, "n_frames", 1) != 1:
                    raise ValueError("a frame is of another kind")
                frame[:] = np.asarray(image)
    return told, frames


def _description(file: zipfile.ZipFile) -> dict[str, Any]:
    member = file.getinfo(DESCRIPTION)
    if member.file_size > _LONGEST_DESCRIPTION or member.compress_type:
        raise ValueError("its description is too long")
    told = json.loads(file.read(member))
    (width, height), times, notes = told["size"], told["times"], told["notes"]
    sizes = all(type(side) is int and side > 0 for side in (width, height))
    numbers = all(type(time) in (int, float) for time in (*times, told["duration"]))
    texts = len(notes) <= _MOST_NOTES and all(isinstance(note, str) and len(note) <= _LONGEST_NOTE for note in notes)
    is_named = isinstance(told["digest"], str) and len(told["digest"]) == 64 and int(told["digest"], 16) >= 0
    if not (sizes and numbers and texts and is_named and type(told["exact"]) is bool and told["kind"] in _FORMATS):
        raise ValueError("its description is of another kind")
    if not 1 <= len(times) <= MAX_FRAMES or width * height * len(times) > MAX_PIXELS:
        raise VideoError("The stored video has more frames or pixels than a video can have.")
    return told


def _encoded(frame: np.ndarray, kind: str, exact: bool) -> bytes:
    data = io.BytesIO()
    # The fastest ways: slower ones make exact frames a tenth smaller and take ten times as long.
    how = {"lossless": True, "quality": 0, "method": 0} if exact else {"quality": QUALITY, "method": 2}
    Image.fromarray(frame).save(data, _FORMATS[kind], **(how if kind == "webp" else {"compress_level": 1}))
    return data.getvalue()


def _name(number: int, kind: str) -> str:
    return f"frame-{number:04d}.{kind}"


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_CLIP_BYTES + 1)
    except OSError as error:
        raise VideoError(f"The video {path.name[:100]!r} cannot be read: {error.strerror}.") from None
