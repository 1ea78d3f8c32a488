"""Processes that write and read one data folder while they are killed at random: `python -m tests.faults.soak`.

Each process puts runs, their pictures and their lines in the history, adds sample counts to one question
that all share, and reads what others put. It says what it has committed. Whenever the parent likes, it
kills one with SIGKILL and starts another. In the end everything that was committed must be there, bit for
bit, and nothing that is not whole.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from cache import PictureFolder, ResultStore, RunHistory, RunRecord, run_id
from cache.files.sqlite import structure_problem
from cache.results.cleanup import orphaned_layers
from cache.results.inspection import damaged
from core.schema import ExplainRequest, ExplainResult
from tests.cache.samples import assert_same, make_request, make_result, missing_maps

PROCESSES = 8
SHARED = make_request(prompt="The question that all share", layers=(0,))
_LAYERS, _GRID = tuple(range(6)), (20, 30)
_MAX_SAMPLES = 1_000


@dataclass
class Figures:
    """What happened.

    Attributes:
        kills: processes that were killed.
        cut: of these, those that had begun a turn of writing and not ended it.
        runs, counts: runs and sample counts that were committed.
        reads: results that were read back while others wrote, each compared bit for bit.
        half: uncommitted runs that were there in part; must be 0, and so must the rest.
        wrong, lost, unsound: values that differ; committed runs, lines or pictures that are gone; damaged entries.
    """

    kills: int = 0
    cut: int = 0
    runs: int = 0
    counts: int = 0
    reads: int = 0
    half: int = 0
    wrong: int = 0
    lost: int = 0
    unsound: int = 0

    @property
    def faults(self) -> int:
        """What must not be."""
        return self.half + self.wrong + self.lost + self.unsound

    @property
    def nothing_proven(self) -> str:
        """Why the absence of faults says nothing here: a sentence, "" where it does say something."""
        if self.runs and self.reads and self.cut:
            return ""
        return (
            f"Nothing was put to the proof: {self.runs} runs committed, {self.reads} reads compared, "
            f"{self.cut} of {self.kills} kills within a turn."
        )


def request_of(seed: int) -> ExplainRequest:
    """The request that is stored under `seed`."""
    return make_request(seed=seed, layers=_LAYERS)


def result_of(seed: int) -> ExplainResult:
    """Its result, about 25 KB; every number follows from the seed."""
    return make_result(request_of(seed), grid=_GRID)


def run_of(seed: int) -> RunRecord:
    """Its line in the history."""
    request = request_of(seed)
    return RunRecord(
        run_id=run_id(request),
        created=float(seed),
        updated=float(seed),
        image=picture_of(seed),
        picture_name=f"{seed}.png",
        prompt=f"{request.prompt} {seed}",
        answer="on the left",
        model_name="embedded",
        request=request.to_dict(),
        method=request.method,
        num_samples=request.num_samples,
        duration=1.0,
        thumbnail=bytes(500),
    )


def picture_of(seed: int) -> str:
    """The digest of its picture; several share one."""
    return f"{seed % 50:064x}"


def open_all(folder: Path) -> tuple[ResultStore, PictureFolder, RunHistory]:
    """The three memories, with a limit that is never reached."""
    store = ResultStore(folder / "results", size_limit_bytes=2**36)
    return store, PictureFolder(folder / "pictures"), RunHistory(folder / "history" / "runs.sqlite")


def work(folder: Path, number: int, life: int, out: int) -> None:
    """What one process does until it is killed; writes a line for everything it has committed or found wrong."""
    store, pictures, runs = open_all(folder)
    chance = random.Random(f"{number} {life}")
    for turn in range(10_000):
        seed = seed_of(number, life, turn)
        os.write(out, b"begin %d\n" % seed)
        store.put(result_of(seed))
        os.write(out, b"put %d\n" % seed)
        pictures.put(picture_of(seed), b"picture of %d" % (seed % 50))
        runs.record(run_of(seed))
        os.write(out, b"run %d\n" % seed)
        samples = chance.randint(1, _MAX_SAMPLES)
        store.put(make_result(ExplainRequest(**{**SHARED.__dict__, "num_samples": samples})))
        os.write(out, b"count %d\n" % samples)
        for _ in range(3):
            other = seed_of(chance.randrange(PROCESSES), chance.randint(0, life), chance.randint(0, turn))
            found = store.get(request_of(other))
            if found is not None:
                os.write(out, b"read 1\n" if same(found, result_of(other)) else b"wrong %d\n" % other)


def seed_of(number: int, life: int, turn: int) -> int:
    """Which run a process puts in its turn."""
    return (number * 10_000 + life) * 10_000 + turn


def same(found: ExplainResult, expected: ExplainResult) -> bool:
    """Whether two results are equal bit for bit."""
    try:
        assert_same(found, expected)
    except AssertionError:
        return False
    return True


class Worker:
    """A process that was forked and will be killed; forking spares the seconds that imports take."""

    def __init__(self, folder: Path, number: int, life: int) -> None:
        self.number, self.life = number, life
        self.pipe, out = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            try:
                work(folder, number, life, out)
            except BaseException as error:  # whatever it is, the parent has to know
                os.write(out, f"error {error!r}".replace("\n", " ").encode() + b"\n")
            finally:
                os._exit(1)
        os.close(out)

    def kill(self) -> list[list[str]]:
        """Kills it and returns the lines that it completed, split into words."""
        os.kill(self.process, signal.SIGKILL)
        with os.fdopen(self.pipe, "rb") as pipe:
            data = pipe.read()
        os.waitpid(self.process, 0)
        return [line.decode().split(maxsplit=1) for line in data.split(b"\n")[:-1]]


def soak(folder: Path, seconds: float, chance: random.Random) -> Figures:
    """Lets `PROCESSES` work in `folder` and kills one after the other, then looks at what is there."""
    figures, said = Figures(), []
    for memory in open_all(folder)[::2]:  # so that no process needs to wait for the first one's tables
        memory.close()
    workers = [Worker(folder, number, 0) for number in range(PROCESSES)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.02, 0.3))
        victim = chance.randrange(PROCESSES)
        old = workers[victim]
        told = old.kill()
        said += told
        figures.kills += 1
        figures.cut += _is_cut(told)
        workers[victim] = Worker(folder, old.number, old.life + 1)
    told = [worker.kill() for worker in workers]
    said += [line for lines in told for line in lines]
    figures.kills += len(workers)
    figures.cut += sum(map(_is_cut, told))
    lives = {worker.number: worker.life for worker in workers}
    _judge(folder, said, lives, figures)
    return figures


def _is_cut(lines: list[list[str]]) -> bool:
    """Whether the process that wrote these was within a turn of writing when it was killed."""
    return bool(lines) and lines[-1][0] in ("begin", "put", "run")


def _judge(folder: Path, said: list[list[str]], lives: dict[int, int], figures: Figures) -> None:
    told = defaultdict(list)
    for kind, value in said:
        told[kind].append(value)
    for trouble in told["error"]:
        print(f"a process failed: {trouble}")
    figures.wrong += len(told["wrong"]) + len(told["error"])
    figures.reads += len(told["read"])
    put, recorded = {int(seed) for seed in told["put"]}, {int(seed) for seed in told["run"]}
    figures.runs, figures.counts = len(recorded), len({int(count) for count in told["count"]})
    store, pictures, runs = open_all(folder)
    for seed in put:
        found = store.get(request_of(seed))
        figures.lost += found is None
        figures.wrong += found is not None and not same(found, result_of(seed))
    for seed in recorded:
        line = runs.get(run_of(seed).run_id)
        figures.lost += line is None or pictures.get(picture_of(seed)) != b"picture of %d" % (seed % 50)
        figures.wrong += line is not None and line != run_of(seed)
    figures.lost += len({int(count) for count in told["count"]} - set(store.sample_counts(SHARED)))
    # The turn in which a process was killed: all of it or nothing.
    for number, life in ((number, life) for number, last in lives.items() for life in range(last + 1)):
        turn = 1 + max((seed % 10_000 for seed in put if seed // 10_000 == number * 10_000 + life), default=-1)
        missing = missing_maps(store, request_of(seed_of(number, life, turn)))
        figures.half += missing not in ((), _LAYERS)
    figures.unsound += len(list(damaged(store.folder))) + len(orphaned_layers(store.folder))
    for database, table in ((store.folder / "cache.db", "Cache"), (folder / "history" / "runs.sqlite", "runs")):
        figures.unsound += structure_problem(database, "It", table) is not None
    figures.unsound += len(list(folder.rglob("*.broken-*"))) + len(list(folder.rglob("*.val")))
    store.close()
    runs.close()


def main() -> int:
    """Runs it and prints the figures; exit code 1 if anything is wrong, lost or half there, or nothing was proven."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0, help="of the moments at which processes are killed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = soak(Path(name), options.seconds, random.Random(options.seed))
        size = sum(path.stat().st_size for path in Path(name).rglob("*") if path.is_file())
    print(f"{PROCESSES} processes, {options.seconds:g} s, {size / 2**20:.0f} MB")
    print(f"{figures.kills} killed with SIGKILL, {figures.cut} within a turn of writing")
    print(f"{figures.runs:,} runs and {figures.counts:,} sample counts committed, {figures.reads:,} reads compared")
    print(f"{figures.wrong} wrong, {figures.lost} lost, {figures.half} half there, {figures.unsound} unsound")
    if figures.nothing_proven:
        print(figures.nothing_proven)
    return 1 if figures.faults or figures.nothing_proven else 0


if __name__ == "__main__":
    sys.exit(main())
