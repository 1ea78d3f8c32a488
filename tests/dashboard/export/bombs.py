"""ZIPs that unpack to gigabytes, claim what is not there, or hold as much as an import may: for tests of its budget.

`python -m tests.dashboard.export.bombs NAME` reads one of them and prints its size, the peak of the memory that this
took, and the sentence or the number of runs that came of it.
"""

import io
import json
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from core.schema import Answer, ExplainRequest, ExplainResult, Token, gather


def made(pixels: Image.Image | None = None, layers: int = 2, grid: tuple[int, int] = (4, 6), text: str = "left"):
    """The parts of an exported run: its result and its picture's file."""
    from core.inputs.pictures import load_picture

    data = io.BytesIO()
    (pixels or Image.new("RGB", (84, 56), "red")).save(data, "PNG", compress_level=1)
    request = ExplainRequest(
        image=load_picture(data.getvalue()).digest, prompt="?", model="m" * 64, layers=tuple(range(layers))
    )
    heat = np.zeros((layers, *grid), np.float32)
    answer = Answer(text, (Token(1, text[:900], 0.5, (), 0, len(text)),))
    main = ExplainResult(request, answer, heat, heat, 10, layers, {"samples": 1.0})
    combined = ExplainResult(request.with_method("combined", ()), answer, heat[:1], heat[:1], 10, layers, {})
    return gather([main, combined]), data.getvalue()


def exported(result: ExplainResult, picture: bytes, numbers: bytes | None = None, runs: int = 1) -> bytes:
    """A ZIP as Export writes it."""
    from core.export.npz import to_npz

    data, numbers = io.BytesIO(), to_npz(result) if numbers is None else numbers
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(runs):
            file.writestr(f"{number:04d}/result.npz", numbers)
            file.writestr(f"{number:04d}/picture.png", picture, zipfile.ZIP_STORED)
    return data.getvalue()


def with_arrays(result: ExplainResult, **changes: bytes) -> bytes:
    """The NPZ of a result with other files in it."""
    from core.export.npz import to_npz

    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(to_npz(result))) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            name = member.filename.removesuffix(".npy")
            new.writestr(member.filename, changes.pop(name, None) or old.read(member))
        for name, value in changes.items():
            new.writestr(f"{name}.npy", value)
    return data.getvalue()


def zeros(shape: tuple[int, ...]) -> bytes:
    """The NPY file of so many zeros."""
    data = io.BytesIO()
    np.save(data, np.zeros(shape, np.float32))
    return data.getvalue()


def described(result: ExplainResult, **changes: object) -> bytes:
    """The NPZ of a result whose description says something else."""
    from core.export.npz import describe

    data = io.BytesIO()
    np.save(data, np.array(json.dumps(describe(result) | changes)))
    return with_arrays(result, description=data.getvalue())


def nested() -> bytes:
    """Heat of 64 MB of zeros in each of 40 runs, packed twice: some kilobytes."""
    result, picture = made()
    return exported(result, picture, with_arrays(result, heat=zeros((2, 2_000, 4_000))), runs=40)


def many() -> bytes:
    """500 runs of blank maps that each are as large as a run's may be."""
    result, picture = made(layers=100, grid=(128, 128))
    return exported(result, picture, runs=500)


def largest() -> bytes:
    """One run of as many cells as it may have, which are noise and pack badly."""
    result, picture = made(layers=500, grid=(128, 128))
    heat = np.random.default_rng(0).random(result.heat.shape, np.float32)
    return exported(ExplainResult(**{**vars(result), "heat": heat, "squared_deviation": heat}), picture)


def answer() -> bytes:
    """An answer of 20 million characters."""
    result, picture = made()
    return exported(result, picture, described(result, answer="left" * 5_000_000))


def lists() -> bytes:
    """A description of a million empty lists."""
    result, picture = made()
    return exported(result, picture, described(result, tokens=[[]] * 1_000_000))


def deep() -> bytes:
    """A description nested a million times."""
    result, picture = made()
    data = io.BytesIO()
    np.save(data, np.array("[" * 1_000_000))
    return exported(result, picture, with_arrays(result, description=data.getvalue()))


def picture() -> bytes:
    """A picture of 26 megapixels."""
    return exported(*made(Image.new("RGB", (6200, 4200))))


def transparent() -> bytes:
    """One of 19 megapixels with transparency."""
    return exported(*made(Image.new("RGBA", (4700, 4100), (9, 9, 9, 9))))


def deep_grey() -> bytes:
    """One of 9 megapixels with 16 bits each."""
    return exported(*made(Image.fromarray(np.full((3000, 3000), 999, np.uint16))))


def huge() -> bytes:
    """One of 100 megapixels."""
    return exported(*made(Image.new("RGB", (10_000, 9_999))))


def listed() -> bytes:
    """A table of contents of a million files."""
    line = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    lines = line * 1_000_000
    return lines + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(lines), 0, 0)


BOMBS: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (nested, many, largest, answer, lists, deep, picture, transparent, deep_grey, huge, listed)
}


def _memory(which: str) -> int:
    """Bytes, of this process alone: what `getrusage` tells begins with what the one had that started it."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which)]
    return int(line.split()[1]) * 1024


def main(file: str) -> None:
    """Reads and keeps one; the peak is that of this process above what it had before."""
    import tempfile

    from core.errors import ExplainError
    from dashboard.export.bundle_reader import keep_bundle, read_bundle
    from dashboard.settings import Settings
    from dashboard.storage.data_folder import open_storage

    keep_bundle(read_bundle(exported(*made())), open_storage(Settings(data_folder=Path(tempfile.mkdtemp()))))
    storage = open_storage(Settings(data_folder=Path(tempfile.mkdtemp())))
    data = Path(file).read_bytes()
    before = _memory("VmRSS")
    try:
        said = f"{len(keep_bundle(read_bundle(data), storage).added)} runs"
    except ExplainError as error:
        said = str(error)
    peak = _memory("VmHWM") - before
    print(json.dumps({"bytes": len(data), "peak": peak, "said": said, "kept": storage.runs.count()}))


if __name__ == "__main__":
    main(sys.argv[1])
