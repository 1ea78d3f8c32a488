"""How much of a video is decoded for a few of its frames: `python -m tests.benchmarks.video_input`.

Sixteen frames of 10,000 by the index of the file, side by side with decoding all, for containers with and without an
index. Ends with 1 where more than a quarter of the frames is decoded, or memory is not flat.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

from core.inputs.videos.film import binary, opened
from core.inputs.videos.loading import sample
from core.inputs.videos.sampling import Sampling
from tests.core.inputs.videos.films import film

KINDS = {
    # name: container, FFmpeg's name of it to read, codec, muxer's options
    "MP4": ("mp4", "mov", "libx264", ()),
    "MKV": ("matroska", "matroska", "libx264", ()),
    "AVI": ("avi", "avi", "mpeg4", ()),
    "MP4 of fragments": ("mp4", "mov", "libx264", (("movflags", "frag_keyframe+empty_moov"),)),
    "live WebM": ("webm", "matroska", "libvpx", (("live", "1"),)),
}
MOST_DECODED, MOST_MEGABYTES = 0.25, 200


def main(arguments: list[str] | None = None) -> int:
    """Prints a table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.video_input", description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000, help="of each video")
    parser.add_argument("--size", type=int, nargs=2, default=(320, 240), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--every", type=int, default=250, help="frames from key frame to key frame")
    parser.add_argument("--count", type=int, default=16, help="frames that are sampled")
    options = parser.parse_args(arguments)
    print(f"{options.count} of {options.frames:,} frames, {options.size[0]} x {options.size[1]}")
    print(f"{'':18}{'file':>9}{'decoded':>9}{'a sample':>10}{'share':>8}{'time':>9}{'all':>9}{'memory':>10}")
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, (container, kind, codec, muxer) in KINDS.items():
            path = Path(folder) / name
            speed = ("deadline", "realtime") if codec == "libvpx" else ("preset", "ultrafast")
            quick = ((("g", str(options.every))), speed, *((("cpu-used", "8"),) if codec == "libvpx" else ()))
            path.write_bytes(
                film.__wrapped__(
                    container,
                    codec,
                    frames=options.frames,
                    rate=30,
                    size=tuple(options.size),
                    options=quick if codec != "mpeg4" else quick[:1],
                    muxer=muxer,
                )
            )
            before = psutil.Process().memory_info().rss
            decoded, seconds = _read(path, kind, options.count)
            memory = (psutil.Process().memory_info().rss - before) / 2**20
            _, all_seconds = _read_all(path, kind)
            share = decoded / options.frames
            missed |= share > MOST_DECODED or memory > MOST_MEGABYTES
            print(
                f"{name:18}{path.stat().st_size / 2**20:7.1f}MB{decoded:9,}{decoded / options.count:9.0f}x{share:8.1%}"
                f"{seconds:8.2f}s{all_seconds:8.2f}s{memory:8.0f}MB"
            )
            path.unlink()
    return int(missed)


def _read(path: Path, kind: str, count: int) -> tuple[int, float]:
    began = time.perf_counter()
    with binary(path) as file, opened(file, kind) as film_:
        video, walk = sample(film_, Sampling(count=count))
    assert len(video) == count
    return walk.decoded, time.perf_counter() - began


def _read_all(path: Path, kind: str) -> tuple[int, float]:
    began, count = time.perf_counter(), 0
    with binary(path) as file, opened(file, kind) as film_:
        for packet in film_.container.demux(film_.stream):
            count += len(packet.decode())
    return count, time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
