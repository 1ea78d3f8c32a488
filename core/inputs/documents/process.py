"""Asks the process that draws pages: started for one file, limited in time and memory, and ended with it."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ImageError
from core.inputs.limits import MAX_ASPECT

MOST_PIXELS = 16_384 * 28 * 28
"""Of a page: as many as Qwen2.5-VL's own processor lets a picture have, 12.8 megapixels."""
SECONDS = 20
"""That a process may take for all that it is asked, of the clock and of its core."""
MEMORY = 2 * 2**30
"""Bytes that a process may reserve."""
MOST_PAGES = 100_000
"""Beyond which a file's number of pages is not believed."""

_SCRIPT = Path(__file__).with_name("renderer.py")
_SPARED = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR")
"""Of the environment: fonts and libraries are found by it; what else is in it is none of a file's business."""
_at_once = threading.BoundedSemaphore(2)

_DAMAGED = "This is a PDF document that is damaged or cut off. Save or send it again."
_REFUSED = {
    "damaged": _DAMAGED,
    "password": "This PDF document is locked with a password. Save it without one, or export the page as PNG.",
    "size": "This page of the PDF document has no size. Export it as PNG or JPEG, and use that.",
    "thin": f"This page of the PDF document is more than {MAX_ASPECT} times as long as it is wide. Crop it.",
}


@dataclass(frozen=True, eq=False)
class DrawnPage:
    """A page as pixels.

    Attributes:
        pixels: uint8 [height, width, 3], RGB, on white.
        dpi: at how many dots per inch it was drawn.
        small_print: size of its small print in pixels; 0 where it holds no text, or none was looked for.
    """

    pixels: np.ndarray
    dpi: float
    small_print: float


def ask(data: bytes, pages: Sequence[int], longest: int = 0) -> tuple[int, list[DrawnPage | ImageError]]:
    """How many pages a PDF has, and those that are asked for, each drawn or why it cannot be.

    Args:
        pages: numbers from 1; those that it does not have come as errors.
        longest: pixels of the longer side, for thumbnails; 0 for a size at which text can be read.

    Raises:
        ImageError: pypdfium2 is not installed, the file cannot be read, or it takes too long.
    """
    spec = find_spec("pypdfium2")
    if spec is None or spec.origin is None:
        raise ImageError(
            "This is a PDF document. Export the page as PNG or JPEG, or have whoever runs this program install "
            "pypdfium2."
        )
    asked = {
        "pages": list(pages),
        "longest": longest,
        "pixels": MOST_PIXELS,
        "aspect": MAX_ASPECT,
        "memory": MEMORY,
        "seconds": SECONDS,
        "packages": str(Path(spec.origin).parents[1]),
    }
    with _at_once:
        said = _run(json.dumps(asked).encode() + b"\n" + data)
    return _read(said, len(pages))


def _run(given: bytes) -> bytes:
    # -I: no module of a folder that others write to; -B: nothing is written beside the modules.
    command = [sys.executable, "-I", "-B", str(_SCRIPT)]
    environment = {name: os.environ[name] for name in _SPARED if name in os.environ}
    try:
        done = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImageError(
            f"Drawing this page of the PDF document takes longer than {SECONDS} seconds. Export it as PNG or JPEG, and "
            "use that."
        ) from None
    except OSError as error:
        raise ImageError(
            f"PDF documents cannot be read now: no process can be started ({error.strerror or error}). Try again."
        ) from None
    return done.stdout


def _read(said: bytes, wanted: int) -> tuple[int, list[DrawnPage | ImageError]]:
    """What the process said, and errors for what it did not come to before it ended."""
    stream = io.BytesIO(said)
    about = _told(stream)
    if about is None:
        raise ImageError(
            "This PDF document cannot be read: it is damaged, or takes too much memory. Export the page as PNG or "
            "JPEG, and use that."
        )
    if "error" in about:
        raise ImageError(_REFUSED[about["error"]])
    found: list[DrawnPage | ImageError] = []
    while len(found) < wanted and (told := _told(stream)) is not None:
        if "error" in told:
            found.append(ImageError(_REFUSED[told["error"]]))
        elif (page := _page(told, stream)) is not None:
            found.append(page)
    unsaid = ImageError(
        "This page of the PDF document cannot be drawn: it is damaged, or takes too much memory. Export it as PNG or "
        "JPEG, and use that."
    )
    return min(about["count"], MOST_PAGES), found + [unsaid] * (wanted - len(found))


def _told(stream: io.BytesIO) -> dict[str, Any] | None:
    """The next line; None where the process was cut off."""
    line = stream.readline()
    return json.loads(line) if line.endswith(b"\n") else None


def _page(told: dict[str, Any], stream: io.BytesIO) -> DrawnPage | None:
    rows = stream.read(3 * told["width"] * told["height"])
    if len(rows) < 3 * told["width"] * told["height"]:
        return None
    pixels = np.frombuffer(rows, np.uint8).reshape(told["height"], told["width"], 3)
    return DrawnPage(pixels, told["dpi"], told["small_print"])
