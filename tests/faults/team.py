"""A team on one server for a while, with everything going wrong now and then: `python -m tests.faults.team`.

Visitors browse stored runs, ask new questions, cancel some; workers are killed, and in the first third the
server itself, twice. At the end every result in the history must equal what one process computes, nothing may
have been shown as an error but the sentences that belong to what was done, no process or file may be left
over, and the server's and the workers' memory must have stopped growing.
"""

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from websockets.exceptions import WebSocketException

from core import Explainer, ExplainRequest, load_picture
from dashboard.settings import Settings
from dashboard.storage.data_folder import Storage, open_storage
from tests.browser.serving import server
from tests.visitors import Seen, Visitor

WORKERS = 2
READERS, ASKERS = 5, 3
MEMORY_SECONDS = 5.0
ALLOWED_GROWTH = 0.10
"""Of memory, from the second to the last fifth of the longest life of a server."""
EXPECTED = ("Every process that began with this ended", "The connection to the processes that compute was lost")
"""How sentences begin that are true when processes are killed."""


@dataclass
class Diary:
    """What happened; shared by all threads.

    Attributes:
        counts: of pages, runs, cancels, kills...
        problems: what was shown as an error and should not have been.
        seconds: of each page run.
        memory: per life of the server, (seconds since its beginning, bytes of the server, of its workers).
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: list[list[tuple[float, int, int]]] = field(default_factory=list)

    def note(self, seen: Seen) -> Seen:
        """Enters a page that was run."""
        with self.lock:
            self.counts["pages"] += 1
            self.seconds.append(seen.seconds)
            for problem in seen.problems:
                if problem.startswith(EXPECTED):
                    self.counts["expected sentences"] += 1
                else:
                    self.problems.append(f"{seen.page}: {problem}")
        return seen

    def add(self, what: str) -> None:
        """Counts something."""
        with self.lock:
            self.counts[what] += 1


@dataclass
class Stage:
    """Where visitors go at present: the address changes when the server is started anew."""

    address: str = ""
    over: bool = False


def visit(stage: Stage, diary: Diary, act: Callable[[Visitor, Diary, random.Random], None], seed: int) -> None:
    """One visitor until the end; who loses the connection comes back."""
    chance = random.Random(seed)
    while not stage.over:
        address = stage.address
        try:
            visitor = Visitor(address)
        except (OSError, WebSocketException):
            time.sleep(1)
            continue
        try:
            while not stage.over and stage.address == address:
                act(visitor, diary, chance)
                time.sleep(chance.uniform(0.2, 2.0))
        except (OSError, WebSocketException):  # the server was killed
            diary.add("connections lost")
        except TimeoutError:
            with diary.lock:
                diary.problems.append("a page did not end within a minute")
        except KeyError as error:
            with diary.lock:
                diary.problems.append(f"{visitor.seen.page}: there is no widget {error}")
        finally:
            with suppress(OSError, WebSocketException):
                visitor.close()


def read(visitor: Visitor, diary: Diary, chance: random.Random) -> None:
    """Looks around: Home, History, a run, two runs beside each other."""
    diary.note(visitor.open(""))
    runs = STORED.get("runs", [])
    page = chance.choice(["history", "compute", "compare"])
    if page == "history" or not runs:
        diary.note(visitor.open("history"))
    elif page == "compute":
        diary.note(visitor.open("compute", run=chance.choice(runs)))
    else:
        diary.note(visitor.open("compare", runs=",".join(chance.sample(runs, min(2, len(runs))))))


STORED: dict[str, list[str]] = {}
"""Names of runs that readers may open; the parent renews them."""


def ask(visitor: Visitor, diary: Diary, chance: random.Random) -> None:
    """Asks about a scene, waits for the answer or loses patience."""
    # A page that was just opened: one that has a run on display shows no scenes.
    visitor = Visitor(visitor.address)
    try:
        _ask(visitor, diary, chance)
    finally:
        visitor.close()


def _ask(visitor: Visitor, diary: Diary, chance: random.Random) -> None:
    diary.note(visitor.open("compute"))
    diary.note(visitor.click(f"start-use-{chance.randrange(6)}"))
    # Few seeds: now and then somebody asks what another one asks, or asked.
    diary.note(visitor.put("form-seed", chance.randrange(60)))
    run = diary.note(visitor.click("run-button")).run
    diary.add("questions")
    patience = chance.uniform(0.5, 4) if chance.random() < 0.2 else 300
    begun = time.monotonic()
    while f"cancel-{run}" in visitor.seen.widgets:
        if time.monotonic() - begun > patience:
            diary.note(visitor.click(f"cancel-{run}"))
            diary.add("cancels")
            return
        time.sleep(0.5)
        diary.note(visitor.look())
    diary.add("answers")


def server_process() -> psutil.Process:
    """The server that this process has started last."""
    found = [child for child in psutil.Process().children() if "streamlit" in " ".join(child.cmdline())]
    return max(found, key=psutil.Process.create_time)


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes that compute: those of its descendants that hold a model."""
    with suppress(psutil.NoSuchProcess):
        return [child for child in process.children(recursive=True) if "multiprocessing.spawn" in _words(child)]
    return []


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def live(folder: Path, stage: Stage, diary: Diary, seconds: float, kill: bool, chance: random.Random) -> None:
    """One life of the server; its workers are killed now and then, and in the end, with `kill`, it itself."""
    with server(folder, settings={"WORKERS": str(WORKERS)}, at_rest=False) as address:
        process, begun = server_process(), time.monotonic()
        if diary.counts["server kills"]:
            _go_on(address, diary)
        stage.address = address
        diary.memory.append([])
        next_kill = begun + chance.uniform(30, 60)
        storage = open_storage(Settings(data_folder=folder / "data"))
        while time.monotonic() - begun < seconds:
            time.sleep(MEMORY_SECONDS)
            STORED["runs"] = [run.run_id for run in storage.runs.recent(40)]
            workers = workers_of(process)
            if time.monotonic() > next_kill and workers:
                with suppress(psutil.NoSuchProcess):
                    chance.choice(workers).kill()
                    diary.add("worker kills")
                next_kill = time.monotonic() + chance.uniform(30, 90)
            sizes = [_bytes(worker) for worker in workers]
            diary.memory[-1].append((time.monotonic() - begun, _bytes(process), max(sizes, default=0)))
        storage.jobs.close()
        below = process.children(recursive=True)
        if kill:
            os.kill(process.pid, signal.SIGKILL)
            diary.add("server kills")
        else:
            stage.over = True
            _let_finish(address, diary)
    _, left = psutil.wait_procs([process, *below], timeout=60)
    if left:
        diary.problems.append(f"processes were left over: {[_words(each)[:80] for each in left]}")


def _go_on(address: str, diary: Diary) -> None:
    """What an operator does after a restart: goes on with everything that was interrupted."""
    visitor = Visitor(address)
    seen = diary.note(visitor.open(""))
    keys = [key for key in seen.widgets if key.startswith("go-on-")]
    diary.counts["interrupted"] += len([key for key in keys if key != "go-on-all"])
    if keys:
        diary.note(visitor.click("go-on-all" if "go-on-all" in keys else keys[0]))
    visitor.close()


def _let_finish(address: str, diary: Diary) -> None:
    import httpx

    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        lines = httpx.get(f"{address}/metrics", timeout=60).text.splitlines()
        waiting = [line for line in lines if "jobs" in line and "active" in line and not line.startswith("#")]
        if all(float(line.split()[-1]) == 0 for line in waiting):
            return
        time.sleep(1)
    diary.problems.append("jobs were still under way five minutes after the last question")


def _bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def compare(storage: Storage, diary: Diary, most: int, chance: random.Random) -> None:
    """Computes runs of the history again in this one process."""
    explainer = Explainer.from_pretrained(device="cpu")
    runs = storage.runs.recent(10_000)
    diary.counts["runs in the history"] = len(runs)
    for run in chance.sample(runs, min(most, len(runs))):
        request = ExplainRequest.from_dict(run.request)
        stored = storage.results.get(request, counted=False)
        picture = load_picture(storage.pictures.get(run.image))
        (expected,) = explainer.run(picture, [request])
        diary.counts["results compared"] += 1
        if stored is None:
            diary.problems.append(f"the result of {run.run_id} is gone")
        elif stored.answer != expected.answer or not np.allclose(stored.heat, expected.heat, rtol=1e-4, atol=1e-7):
            diary.problems.append(f"the result of {run.run_id} is not what one process computes")


def growth(memory: list[tuple[float, int, int]], which: int) -> float:
    """How much larger the median of the last fifth is than that of the second fifth."""
    values = [entry[which] for entry in memory if entry[which]]
    fifth = max(1, len(values) // 5)
    return statistics.median(values[-fifth:]) / statistics.median(values[fifth : 2 * fifth]) - 1


def leftovers(folder: Path) -> list[str]:
    """Files that nobody needs."""
    data = folder / "data"
    kinds = ("*.part", "*.server", "*.broken-*", "*.val", "*.tmp")
    return sorted(str(path.relative_to(data)) for kind in kinds for path in data.rglob(kind))


def main() -> int:
    """Runs it and prints what happened; exit code 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.team", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare", type=int, default=60, help="runs that are computed again at the end")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    diary, stage, chance = Diary(), Stage(), random.Random(options.seed)
    acts = [read] * READERS + [ask] * ASKERS
    visitors = [
        threading.Thread(target=visit, args=(stage, diary, act, options.seed + number), daemon=True)
        for number, act in enumerate(acts)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = options.minutes * 60
        for number, (share, kill) in enumerate(((1 / 6, True), (1 / 6, True), (2 / 3, False))):
            if number == 0:
                threading.Timer(1.0, lambda: [each.start() for each in visitors]).start()
            live(folder, stage, diary, whole * share, kill, chance)
        for each in visitors:
            each.join(90)
        storage = open_storage(Settings(data_folder=folder / "data"))
        compare(storage, diary, options.compare, chance)
        storage.jobs.close()
        left = leftovers(folder)
    grown = [growth(diary.memory[-1], which) for which in (1, 2)]
    for what, count in sorted(diary.counts.items()):
        print(f"{count:7,} {what}")
    quantiles = statistics.quantiles(diary.seconds, n=20)
    print(f"page runs: median {statistics.median(diary.seconds):.2f} s, 95th percentile {quantiles[-1]:.2f} s")
    server_bytes, worker_bytes = (max(entry[which] for entry in diary.memory[-1]) for which in (1, 2))
    print(f"memory: server {server_bytes / 2**20:.0f} MB ({grown[0]:+.1%}), worker {worker_bytes / 2**20:.0f} MB "
          f"({grown[1]:+.1%}) from the second to the last fifth of the longest life")  # fmt: skip
    problems = [*diary.problems, *(f"left over: {each}" for each in left)]
    problems += [f"memory grew by {each:.1%}" for each in grown if each > ALLOWED_GROWTH]
    for problem, count in Counter(problems).most_common():
        print(f"WRONG, {count} times: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
