"""What people wait for while a large store is looked after, by hand: `python -m tests.benchmarks.maintenance [RUNS]`.

Beside the counting of all sizes and the dropping of all results, one thread opens a page of History and another writes
a note, again and again, on connections of their own and on the server's. Printed are the longest and the median wait of
each, and that of arithmetic, which tells how much of it is the processor's. Exit code 1 where a wait is longer than it
may be.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cache import Filter, Order, ResultStore, RunHistory, StoreError
from cache.files.sqlite import empty_log
from cache.results.cleanup import drop_rows, old_rows
from cache.runs.annotations import Change
from cache.runs.stored_sizes import recount, uncounted
from dashboard.storage.upkeep import EMPTY_EVERY
from tests.benchmarks.history import build
from tests.cache.samples import make_request, make_result

RUNS = 100_000
MOST_SECONDS = 0.5
"""What anybody may wait at worst: ten times the longest lock, for the machine is shared and its disk as well."""
CONTROL = "arithmetic, which waits for nothing but the processor"
ENTRIES = 2_000
SECONDS = 60.0
"""After so long, what is left of the counting is not waited for."""


class Waits(threading.Thread):
    """Does something again and again, and notes how long each time took."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self.work, self.seconds, self.stopped = work, [], threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.02):
            began = time.perf_counter()
            try:
                self.work()
            except StoreError as error:
                print(f"  {self.name}: {error}")
            self.seconds.append(time.perf_counter() - began)


def measure(title: str, work: Callable[[], object], beside: dict[str, Callable[[], object]]) -> float:
    """Runs `work` with the others beside it; prints their waits and returns the longest."""
    waits = [Waits(name, each) for name, each in beside.items()]
    for one in waits:
        one.start()
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    for one in waits:
        one.stopped.set()
    for one in waits:
        one.join()
    print(f"{title}: {took:.1f} s")
    for one in waits:
        longest = max(one.seconds, default=0.0)
        median = statistics.median(one.seconds) if one.seconds else 0.0
        figures = f"median {median * 1e3:7.1f} ms, longest {longest * 1e3:7.1f} ms"
        print(f"  {one.name:<54} {len(one.seconds):>6} times, {figures}")
    return max((max(one.seconds, default=0.0) for one in waits), default=0.0)


def main() -> int:
    """Builds the store, measures, and returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history" / "runs.sqlite"
        build(file, runs)
        store = ResultStore(Path(folder) / "results")
        for seed in range(ENTRIES // 40):
            store.put(make_result(make_request(seed=seed, layers=tuple(range(36)))))
        own, other = RunHistory(file), RunHistory(file)
        names = [run.record_id for run in own.recent(25)]

        def page(history: RunHistory) -> None:
            history.find(Filter(), Order(), 25)

        def note(history: RunHistory) -> None:
            history.write(names[:1], Change(note=str(time.time())))

        beside = {
            "History on this server": lambda: page(own),
            "a note on this server": lambda: note(own),
            "History on another server": lambda: page(other),
            "a note on another server": lambda: note(other),
            CONTROL: lambda: sum(range(50_000)),
        }
        upkeep = RunHistory(file)  # as a server's upkeep has it
        worst = measure("Counting every run", lambda: _count(upkeep, store.folder), beside)
        results = {"a result is stored": lambda: store.put(make_result(make_request(seed=10**6)))}
        dropped = old_rows(store.folder, -1)
        worst = max(
            worst,
            measure(f"Dropping {len(dropped):,} entries", lambda: drop_rows(store.folder, dropped, "cleaned"), results),
            measure("Counting what was dropped", lambda: _count(upkeep, store.folder), beside),
        )
        own.write([run.record_id for run in own.recent(2000)], Change(trash=True))
        worst = max(worst, measure("Emptying the trash of 2,000 runs", own.empty_trash, beside))
        for opened in (own, other, upkeep, store):
            opened.close()
    print(f"The longest wait was {worst * 1e3:.0f} ms; it may be {MOST_SECONDS * 1e3:.0f} ms.")
    return int(worst > MOST_SECONDS)


class _Enough(Exception):  # noqa: N818 - ends the counting, is no error
    pass


def _count(history: RunHistory, folder: Path) -> None:
    """Counts as the server's upkeep does: half of the time is left to others."""
    until, began = time.monotonic() + SECONDS, time.monotonic()
    emptied, file = began, history.connection.beside("").with_name("runs.sqlite")

    def between() -> None:
        nonlocal began, emptied
        if began - emptied > EMPTY_EVERY:
            emptied = began
            empty_log(file, "The log of the history")
        time.sleep(time.monotonic() - began)
        began = time.monotonic()
        if began > until:
            raise _Enough

    try:
        recount(history, folder, between=between)
    except _Enough:
        print(f"After {SECONDS:.0f} s, {uncounted(history):,} runs are left to be counted.")


if __name__ == "__main__":
    sys.exit(main())
