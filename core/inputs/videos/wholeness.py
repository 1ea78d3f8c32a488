"""Whether a video file is as long as its container says, or was cut off on its way."""

import os
from typing import BinaryIO

from core.inputs.videos.sample_tables import top_boxes

_SEGMENT = b"\x18\x53\x80\x67"


def is_cut(file: BinaryIO, kind: str) -> bool:
    """Whether bytes are missing at its end; False where the container does not tell, as of a live recording.

    Args:
        kind: "mov", "matroska" or "avi".
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    return {"mov": _boxes_end, "matroska": _segment_end, "avi": _riff_end}[kind](file, length) > length


def _boxes_end(file: BinaryIO, length: int) -> int:
    return max((end for _, _, end in top_boxes(file, length)), default=0)


def _segment_end(file: BinaryIO, length: int) -> int:
    head = file.read(4096)
    at = head.find(_SEGMENT)
    if at < 0:
        return 0
    at += len(_SEGMENT)
    if at >= len(head) or not head[at]:
        return 0
    width = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + width], "big") & (1 << 7 * width) - 1
    return 0 if size == (1 << 7 * width) - 1 else at + width + size


def _riff_end(file: BinaryIO, length: int) -> int:
    return 8 + int.from_bytes(file.read(8)[4:], "little")
