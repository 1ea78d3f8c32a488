"""The first run of a server that was just started, against imports alone: `python -m tests.benchmarks.coldstart`.

The embedded model, a fresh data folder, default settings. In turn, so that a busy moment falls on both: a process
that does nothing but import torch, transformers and the model's class, which transformers brings only when it is
named, and a server from its start to the end of the first question, which a visitor asks at once. Exit code 1 where
the medians miss the bar.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.visitors import ask
from tests.browser.serving import ROOT, server

TIMES, SECONDS = 1.25, 3.0
"""The bar: so many times what imports take, and so many seconds."""
IMPORTS = {
    "torch and transformers": "import torch, transformers",
    "and the model's class": "import torch; from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration",
}


def imports(code: str) -> float:
    """Seconds that a process takes that only imports."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - started


def first_run() -> tuple[float, float]:
    """Seconds from a server's start until it answers, and until a visitor's first question is answered."""
    with tempfile.TemporaryDirectory() as name:
        started = time.perf_counter()
        with server(Path(name), until="health", settings={"PRELOAD": "true"}, at_rest=False) as address:
            up = time.perf_counter() - started
            ask(address, 1, 5)
            return up, time.perf_counter() - started


def in_turn(actions: list[Callable[[], object]], repeats: int) -> list[list]:
    """What each action returned, repeat by repeat, but for the first time, which fills the disk's cache."""
    found: list[list] = [[] for _ in actions]
    for repeat in range(repeats + 1):
        for place, action in enumerate(actions):
            result = action()
            if repeat:
                found[place].append(result)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.coldstart", description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    actions = [*(lambda code=code: imports(code) for code in IMPORTS.values()), first_run]
    *imported, runs = in_turn(actions, options.repeats)
    for what, seconds in zip(IMPORTS, imported, strict=True):
        print(f"{what}: imported in {statistics.median(seconds):.1f} s (of {_listed(seconds)})")
    up, done = zip(*runs, strict=True)
    print(f"server: answers after {statistics.median(up):.1f} s")
    bars, found = [TIMES * statistics.median(seconds) + SECONDS for seconds in imported], statistics.median(done)
    print(
        f"first run: done after {found:.1f} s (of {_listed(done)}); bar, {TIMES} times imports and {SECONDS:g} s: "
        f"{bars[1]:.1f} s, {bars[0]:.1f} s without the class"
    )
    return int(found > bars[1])


def _listed(seconds: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in sorted(seconds))


if __name__ == "__main__":
    sys.exit(main())
