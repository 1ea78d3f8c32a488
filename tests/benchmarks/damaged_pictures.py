"""Thousands of damaged picture files, or a folder of odd ones: `python -m tests.benchmarks.damaged_pictures`.

Each gives a picture or one sentence: nothing else is raised, none takes longer than 5 s, and none a gigabyte of memory
more than there was before it. Ends with 1 where a bar is missed. Needs Linux.
"""

import argparse
import io
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from core.errors import ImageError
from core.inputs.formats import FORMATS
from core.inputs.pictures import load_picture
from tests.core.inputs.damage import damaged

SECONDS, MEGABYTES = 5.0, 1024


def main(arguments: list[str] | None = None) -> int:
    """Prints the counts; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.damaged_pictures", description=__doc__)
    parser.add_argument("--files", type=int, default=20_000, help="how many damaged files are made")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--folder", type=Path, help="pictures to read instead, compared with Pillow's own pixels")
    options = parser.parse_args(arguments)
    outcomes, sentences, untyped, other = Counter(), Counter(), [], []
    slowest = largest = (0.0, "")
    for name, data in _folder(options.folder) if options.folder else _made(options.first, options.files):
        began, start = time.perf_counter(), _memory(anew=True)
        try:
            picture = load_picture(data)
            outcomes["read"] += 1
        except ImageError as error:
            picture = None
            outcomes["refused"] += 1
            sentences[str(error).split(" (")[0].split(". ")[0]] += 1
        except Exception as error:  # what this looks for
            picture = None
            untyped.append(f"{name}: {error!r}")
        slowest = max(slowest, (time.perf_counter() - began, name))
        largest = max(largest, (_memory() - start, name))
        if picture is not None and options.folder and (expected := _by_pillow(data)) is not None:
            same = np.array_equal(expected, picture.pixels)
            outcomes["equal to Pillow's pixels" if same else "other than Pillow's pixels"] += 1
            other += [] if same else [name]
    print(*(f"{count:6d} {what}" for what, count in outcomes.items()), sep="\n")
    print(*(f"{count:10d} {sentence}" for sentence, count in sentences.most_common(30)), sep="\n")
    print("other than Pillow's:", *other, sep="\n  ")
    print(f"slowest {slowest[0]:.2f} s: {slowest[1]}", f"largest {largest[0]:.0f} MB: {largest[1]}", sep="\n")
    print(f"{len(untyped)} untyped exceptions", *untyped[:20], sep="\n  ")
    return int(bool(untyped) or slowest[0] > SECONDS or largest[0] > MEGABYTES or not outcomes["read"])


def _made(first: int, count: int) -> Iterator[tuple[str, bytes]]:
    return (damaged(seed) for seed in range(first, first + count))


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())


def _by_pillow(data: bytes) -> np.ndarray | None:
    """Pillow's RGB of a file in an ordinary mode: 8 bits, opaque, without a profile to go by."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            ordinary = upright.mode[0] not in "IFC" and not upright.has_transparency_data
            return np.asarray(upright.convert("RGB")) if ordinary else None
    except Exception:  # then there is nothing to compare with
        return None


def _memory(anew: bool = False) -> float:
    """The most that this process held, in megabytes, since it was last asked anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
