"""Twenty people on one server while a run is computed. Run by hand: `python -m tests.benchmarks.visitors`.

Real sessions browse stored runs, each reading for a second or two before the next click, while one visitor
after the other asks a new question. Told are the times of page runs, from asking to the script's end, the same
without any job in the same run, and what a page showed as an error. Exit code 1 where the 95th percentile is a
second or more, or anything went wrong.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.browser.serving import server
from tests.visitors import Visitor

VISITORS = 20
GOAL = 1.0


def browse(
    address: str, runs: list[str], stop: threading.Event, seed: int, told: list[float], wrong: list[str]
) -> None:
    """One visitor: Home, History, runs, comparisons, until told to stop."""
    chance, visitor = random.Random(seed), Visitor(address)
    try:
        while not stop.is_set():
            page = chance.choice(["", "history", "compute", "compute", "compare"])
            query = {"run": chance.choice(runs)} if page == "compute" else {}
            if page == "compare":
                query = {"runs": ",".join(chance.sample(runs, 2))}
            seen = visitor.open(page, **query)
            told.append(seen.seconds)
            wrong += [f"{page}: {problem}" for problem in seen.problems]
            stop.wait(chance.uniform(1, 3))
    except Exception as error:
        wrong.append(f"{type(error).__name__}: {error}")
    finally:
        visitor.close()


def ask(address: str, scene: int, seed: int) -> str:
    """Asks about a scene and waits for the answer; returns the run's name."""
    visitor = Visitor(address)
    visitor.open("compute")
    visitor.unfold("advanced")
    visitor.put("form-seed", seed)
    run = visitor.click(f"start-use-{scene}").run
    while f"cancel-{run}" in visitor.seen.widgets:
        time.sleep(visitor.pace or 0.5)
        visitor.wait()
    problems = visitor.seen.problems
    visitor.close()
    if problems:
        raise AssertionError(problems)
    return run


def measure(address: str, runs: list[str], seconds: float, busy: bool) -> tuple[list[float], list[str], int]:
    """(seconds of each page run, problems, questions answered meanwhile)."""
    told: list[float] = []
    wrong: list[str] = []
    stop = threading.Event()
    people = [
        threading.Thread(target=browse, args=(address, runs, stop, seed, told, wrong)) for seed in range(VISITORS)
    ]
    for person in people:
        person.start()
    answered, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if busy:
            ask(address, answered % 6, 1000 + answered)
            answered += 1
        else:
            time.sleep(0.5)
    stop.set()
    for person in people:
        person.join()
    return told, wrong, answered


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.visitors", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    failed = False
    with tempfile.TemporaryDirectory() as name, server(Path(name), at_rest=False) as address:
        runs = [ask(address, scene, 1) for scene in range(6)]
        for busy in (False, True):
            told, wrong, answered = measure(address, runs, options.seconds, busy)
            late = statistics.quantiles(told, n=20)[-1]
            what = f"while {answered} questions were answered one after the other" if busy else "nothing computed"
            print(
                f"{VISITORS} visitors, {what}: {len(told)} page runs, median {statistics.median(told):.2f} s, "
                f"95th percentile {late:.2f} s, longest {max(told):.2f} s, {len(wrong)} problems"
            )
            for problem in sorted(set(wrong)):
                print(f"  {problem}")
            failed |= bool(wrong) or late >= GOAL
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
