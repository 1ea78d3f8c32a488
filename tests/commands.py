"""Commands in processes of their own; above all `python -m dashboard batch`, as people run it."""

import os
import subprocess
import sys
from pathlib import Path

from core.scenes.scene import sample
from tests.processes import end_with_parent
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[1]
QUICK = ("--samples", "2", "--max-new-tokens", "3", "--layers", "0,-1")


def photos_in(place: Path, count: int) -> Path:
    """Puts so many small scenes into a new folder, p0.png and so on."""
    place.mkdir()
    for number in range(count):
        sample(1_600_500 + number).image.resize((112, 112)).save(place / f"p{number}.png")
    return place


def found_here() -> dict[str, str]:
    """The environment in which `python -m tests...` finds the tests.

    Workers that a test has started leave PYTHONSAFEPATH behind, with which the working folder is not searched.
    """
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def start(data: Path, *arguments: object, workers: int = 0) -> subprocess.Popen:
    """Starts the command on a data folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard", "batch", *map(str, arguments)],
        cwd=ROOT,
        env={
            **found_here(),
            "SMOOTHCAM_DATA_FOLDER": str(data),
            "SMOOTHCAM_DEVICE": "cpu",
            "SMOOTHCAM_WORKERS": str(workers),
            "OMP_NUM_THREADS": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent,
    )


def command(data: Path, *arguments: object, workers: int = 0) -> tuple[int, str, str]:
    """Runs it to its end; returns exit code, output and standard error."""
    process = start(data, *arguments, workers=workers)
    out, error = process.communicate(timeout=2 * PATIENCE)
    assert "Traceback" not in error
    return process.returncode, out, error


def until(process: subprocess.Popen, words: str) -> str:
    """Reads standard error up to the line that holds `words`."""
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return "".join(seen)
    raise AssertionError("".join(seen))
