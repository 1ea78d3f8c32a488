"""The lives of a server: its workers are killed now and then, and it itself, in the middle of work."""

import os
import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from core.schema import ExplainRequest
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from tests.browser.serving import server
from tests.faults.team.diary import Diary
from tests.faults.team.people import Stage, ask_one
from tests.visitors import Visitor

LOOK = 2.0
"""Seconds between two looks at memory, and at which runs there are."""
PATIENCE = 600.0
"""Seconds in which all jobs must have ended once everybody has left."""
WAIT_FOR_WORK = 30.0
"""Seconds that a kill waits for a job to be running."""


class Server:
    """A server that runs, with its processes."""

    def __init__(self, address: str) -> None:
        self.address = address
        found = [child for child in psutil.Process().children() if "streamlit" in _words(child)]
        self.process = max(found, key=psutil.Process.create_time)

    def workers(self) -> list[psutil.Process]:
        """The processes that compute: those of its descendants that hold a model."""
        with suppress(psutil.NoSuchProcess):
            below = self.process.children(recursive=True)
            return [child for child in below if "multiprocessing.spawn" in _words(child)]
        return []

    def memory(self) -> tuple[int, int]:
        """Bytes of the server, and of all its workers."""
        return _bytes(self.process), sum(map(_bytes, self.workers()))

    def jobs(self, *states: str) -> int:
        """How many jobs there are now in these states."""
        text = httpx.get(f"{self.address}/metrics", timeout=120).text
        counts = dict(re.findall(r'^smoothcam_jobs_active\{state="(\w+)"\} (\S+)$', text, re.MULTILINE))
        return int(sum(float(counts[state]) for state in states))

    def is_at_work(self) -> bool:
        """Whether a job runs, after waiting for one for a while."""
        deadline = time.monotonic() + WAIT_FOR_WORK
        while not self.jobs("running"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


@contextmanager
def started(folder: Path, workers: int) -> Iterator[Server]:
    """A server for a while; one that is not killed sees to it itself that none of its processes is left."""
    with server(folder, settings={"WORKERS": str(workers)}, at_rest=False) as address:
        yield Server(address)


def live(
    running: Server, folder: Path, stage: Stage, diary: Diary, seconds: float, kills: int, chance: random.Random
) -> None:
    """People come and work for so long; meanwhile so many of the workers are killed, one after the other."""
    stage.address, begun = running.address, time.monotonic()
    moments = sorted(chance.uniform(0.1, 0.9) * seconds for _ in range(kills))
    storage = open_storage(Settings(data_folder=folder / "data"))
    try:
        while time.monotonic() - begun < seconds:
            stage.runs = [run.run_id for run in storage.runs.recent(40) if is_real(run.request)]
            diary.memory.append(running.memory())
            if moments and time.monotonic() - begun > moments[0]:
                moments.pop(0)
                kill_worker(running, diary, chance)
            time.sleep(LOOK)
    finally:
        storage.jobs.close()


def kill_worker(running: Server, diary: Diary, chance: random.Random) -> None:
    """Kills a worker while a job runs; notes whether one did."""
    is_hit, workers = running.is_at_work(), running.workers()
    if workers:
        with suppress(psutil.NoSuchProcess):
            chance.choice(workers).kill()
            diary.add("worker kills")
            diary.counts["worker kills that hit"] += is_hit


def kill_server(running: Server, diary: Diary) -> None:
    """Kills the server while a job runs; notes whether one did, and whether its processes end with it."""
    is_hit, below = running.is_at_work(), running.process.children(recursive=True)
    os.kill(running.process.pid, signal.SIGKILL)
    diary.add("server kills")
    diary.counts["server kills that hit"] += is_hit
    _, left = psutil.wait_procs(below, timeout=60)
    if left:
        diary.complain(f"processes were left over: {[_words(each)[:80] for each in left]}")


def go_on(address: str, diary: Diary) -> None:
    """What an operator does after a restart: goes on with everything that was interrupted."""
    visitor = Visitor(address)
    seen = diary.note("Home", visitor.open(""))
    keys = [key for key in seen.widgets if key.startswith("go-on-")]
    diary.counts["interrupted"] += len([key for key in keys if key != "go-on-all"])
    if keys:
        diary.note("go on", visitor.click("go-on-all" if "go-on-all" in keys else keys[0]))
    visitor.close()


def warm_up(address: str, diary: Diary, seed: int) -> None:
    """One person sees every page and has a new question answered: what is kept once is there from then on."""
    visitor = Visitor(address)
    ask_one(visitor, diary, 0, seed)
    for page in ("", "history", "compare", "batch"):
        diary.note("warm up", visitor.open(page))
    visitor.close()


def let_finish(running: Server, diary: Diary) -> None:
    """Waits until no job is under way."""
    deadline = time.monotonic() + PATIENCE
    while running.jobs("queued", "running"):
        if time.monotonic() > deadline:
            diary.complain(f"jobs were still under way {PATIENCE:g} s after everybody had left")
            return
        time.sleep(0.5)


def is_real(request: dict) -> bool:
    """Whether a run of the history was asked here: those that fill it up name no model that there is."""
    return ExplainRequest.from_dict(request).model != "m" * 64


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
