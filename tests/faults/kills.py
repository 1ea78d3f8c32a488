"""Processes that put and get results in one store, killed with SIGKILL at random. Run by hand, as long as you like:

python -m tests.faults.kills --seconds 60 --processes 8

Prints what came of it; exit code 1 where a value was wrong, a committed run lost, or a run half there, and where
nothing was committed or no kill came within a put: then nothing was proven.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from cache import ResultStore
from cache.files.sqlite import structure_problem
from cache.results.inspection import damaged
from tests.cache.samples import assert_same, missing_maps
from tests.cache.writer import result_of
from tests.commands import found_here

ROOT = Path(__file__).parents[2]
EACH = 100_000
"""Seeds of one writer and its successors, so that everybody knows what the others may have put."""
LIMIT = 2**36  # nothing is evicted: what is gone is lost


@dataclass
class Tally:
    """What the processes said, and what was found in the store at the end, by seeds.

    Attributes:
        kills: processes that were killed.
        cut: of these, those that were within a put: it had begun, and had not said that it was in.
        reads: gets that brought what was put.
        committed: puts that returned before their process was killed.
        unsaid: runs that are in the store although nobody lived to say so.
        lost: committed, and not there in the end or when a process looked.
        wrong: another result than was put.
        half: some maps there and some not.
        broken: entries that do not decode, and problems of the database file.
        words: what processes wrote to standard error.
    """

    kills: int = 0
    cut: int = 0
    reads: int = 0
    committed: set[int] = field(default_factory=set)
    unsaid: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    wrong: set[int] = field(default_factory=set)
    half: set[int] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.wrong or self.half or self.broken or self.words)

    @property
    def nothing_proven(self) -> str:
        """Why soundness says nothing here: a sentence, "" where it does say something."""
        if self.committed and self.reads and self.cut:
            return ""
        return (
            f"Nothing was put to the proof: {len(self.committed)} puts committed, {self.reads} read, "
            f"{self.cut} of {self.kills} kills within a put."
        )


class Worker:
    """One process, and the thread that reads what it says; the next one takes other seeds."""

    def __init__(self, folder: Path, first: int, tally: Tally) -> None:
        self.next = first
        self._tally = tally
        self._is_putting = False
        command = [sys.executable, "-m", "tests.faults.kills", "--child", str(folder), str(first)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=found_here(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._readers = [threading.Thread(target=self._listen), threading.Thread(target=self._overhear)]
        for reader in self._readers:
            reader.start()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for reader in self._readers:
            reader.join()
        self._tally.kills += 1
        self._tally.cut += self._is_putting
        self.next += 1  # it may have been about to say that this one is in

    def _listen(self) -> None:
        for line in self._process.stdout:
            if line.endswith("\n"):  # or it was cut short
                what, seed = line.split()
                self._is_putting = what == "begin"
                if what == "put":
                    self._tally.committed.add(int(seed))
                    self.next = int(seed) + 1
                elif what == "got":
                    self._tally.reads += 1
                elif what != "begin":
                    getattr(self._tally, what).add(int(seed))

    def _overhear(self) -> None:
        self._tally.words += [words] if (words := self._process.stderr.read().strip()) else []


def torment(folder: Path, *, seconds: float, processes: int, least: int = 0, cut: int = 0, seed: int = 0) -> Tally:
    """Lets processes work for so long, killing one of them every half second.

    Args:
        least, cut: it goes on until so many puts are committed, and so many kills came within one.
    """
    tally, dice = Tally(), random.Random(seed)
    workers = [Worker(folder, number * EACH, tally) for number in range(processes)]
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end or len(tally.committed) < least or tally.cut < cut:
            time.sleep(dice.uniform(0.0, 1.0))
            number = dice.randrange(processes)
            workers[number].kill()
            workers[number] = Worker(folder, workers[number].next, tally)
    finally:
        for worker in workers:
            worker.kill()
    _look(folder, [worker.next for worker in workers], tally)
    return tally


def _look(folder: Path, ends: list[int], tally: Tally) -> None:
    store = ResultStore(folder, size_limit_bytes=LIMIT)
    for number, end in enumerate(ends):
        for seed in range(number * EACH, end + 1):
            expected = result_of(seed)
            if store.get(expected.request) is None:
                if seed in tally.committed:
                    tally.lost.add(seed)
                elif missing_maps(store, expected.request) != expected.layers:
                    tally.half.add(seed)
            else:
                if not _is_same(store, seed):
                    tally.wrong.add(seed)
                if seed not in tally.committed:
                    tally.unsaid.add(seed)
    tally.broken += [f"{one.key}: {one.why}" for one in damaged(folder)]
    tally.broken += filter(None, [structure_problem(folder / "cache.db", "The store", "Cache")])
    tally.broken += [path.name for pattern in ("*.val", "*.broken-*") for path in folder.rglob(pattern)]
    store.close()


def _is_same(store: ResultStore, seed: int) -> bool:
    try:
        assert_same(store.get(result_of(seed).request), result_of(seed))
    except AssertionError:
        return False
    return True


def work(folder: str, first: int) -> None:
    """Puts results from `first` on, gets its own again and others', and says what came of it, for ever."""
    store, dice, seed = ResultStore(folder, size_limit_bytes=LIMIT), random.Random(first), first
    while True:
        if seed == first or dice.random() < 0.5:
            print("begin", seed, flush=True)
            store.put(result_of(seed))
            print("put", seed, flush=True)
            seed += 1
            continue
        own = dice.random() < 0.5
        chosen = dice.randrange(first, seed) if own else dice.randrange(8) * EACH + dice.randrange(400)
        if store.get(result_of(chosen).request) is not None:
            print("got" if _is_same(store, chosen) else "wrong", chosen, flush=True)
        elif own:
            print("lost", chosen, flush=True)


def main() -> int:
    """Prints the tally; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0, help="of the moments at which processes are killed")
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "FIRST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        work(options.child[0], int(options.child[1]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        tally = torment(folder, seconds=options.seconds, processes=options.processes, seed=options.seed)
    print(
        f"{options.processes} processes for {options.seconds:g} s: {len(tally.committed):,} puts committed, "
        f"{tally.reads:,} gets equal, {tally.kills} killed, {tally.cut} of them within a put\n"
        f"lost {len(tally.lost)}, wrong {len(tally.wrong)}, half {len(tally.half)}, broken {len(tally.broken)}; "
        f"in although nobody lived to say so: {len(tally.unsaid)}"
    )
    for words in filter(None, [*tally.broken, *tally.words, tally.nothing_proven]):
        print(words)
    return int(not tally.is_sound or bool(tally.nothing_proven))


if __name__ == "__main__":
    sys.exit(main())
