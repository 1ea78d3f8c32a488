"""Counting and recovering, killed again and again at some moment: the next one goes on, and all is right."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from cache import ResultStore, RunHistory, run_id
from cache.results.sizes import stored_extents
from cache.runs.stored_sizes import recount, uncounted
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run
from tests.cache.samples import make_request, make_result, make_run
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
RUNS = 150
KILLS = 12

COUNT = """
import sys
from pathlib import Path
from cache import RunHistory
from cache.runs.stored_sizes import recount
history = RunHistory(Path(sys.argv[1]) / "history" / "runs.sqlite")
print("begun", flush=True)
recount(history, Path(sys.argv[1]) / "results", between=lambda: print("step", flush=True))
"""
RECOVER = """
import sys
from pathlib import Path
from cache import RunHistory
from cache.runs.recovery import recover
history = RunHistory(Path(sys.argv[1]) / "history" / "runs.sqlite")
print("begun", flush=True)
recover(history, Path(sys.argv[1]) / "old" / "runs.sqlite", between=lambda: print("step", flush=True))
"""


def torment(program: str, folder: Path, is_done) -> tuple[int, int]:
    """Starts the program and kills it within a few steps, again and again; returns kills, and steps that were done."""
    chance, kills, steps = random.Random(7), 0, 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "begun\n"
        for _ in range(chance.randrange(3)):
            steps += process.stdout.readline() == "step\n"
        time.sleep(chance.random() * 0.01)  # somewhere within the next step
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        kills += process.wait(PATIENCE) == -signal.SIGKILL
        if is_done():
            break
    return kills, steps


@pytest.fixture
def folder(tmp_path):
    """Results and a history of many runs, of which every third one has lost its results."""
    store, history = ResultStore(tmp_path / "results"), RunHistory(tmp_path / "history" / "runs.sqlite")
    for seed in range(RUNS):
        request = make_request(seed=seed, layers=(0,))
        if seed % 3:
            for part in whole_run(request):
                store.put(make_result(part))
        history.record(make_run(seed, run_id=run_id(request), request=request.to_dict()))
    store.close()
    history.close()
    return tmp_path


def test_counting_that_is_killed_goes_on_and_ends_right(folder):
    history = RunHistory(folder / "history" / "runs.sqlite")
    kills, steps = torment(COUNT, folder, lambda: uncounted(history) == 0)
    left = uncounted(history)
    assert kills > 2 and steps > 0, "nothing was killed while it counted: this test shows nothing"
    assert left < RUNS, "no step that was done has stayed"
    assert recount(history, folder / "results")
    with history.connection.statements() as connection:
        runs = connection.execute("SELECT stored, request FROM runs JOIN run_details USING (id)").fetchall()
    requests = [whole_run(ExplainRequest.from_dict(json.loads(run["request"]))) for run in runs]
    exact = stored_extents(folder / "results", requests)
    assert [run["stored"] for run in runs] == [extent and extent.size for extent in exact]
    assert sum(run["stored"] is None for run in runs) == RUNS // 3
    history.close()


def test_recovering_that_is_killed_goes_on_and_no_row_is_twice_or_half_there(folder):
    (folder / "history").rename(folder / "old")
    history = RunHistory(folder / "history" / "runs.sqlite")
    kills, steps = torment(RECOVER, folder, lambda: history.count() == RUNS)
    assert kills > 0 and steps > 0 and history.count() > 0, "nothing was committed: this test shows nothing"
    done = subprocess.run([sys.executable, "-c", RECOVER, str(folder)], cwd=ROOT, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0
    assert len(history.recent(2 * RUNS)) == history.count() == RUNS
    assert history.connection.unreadable == {}
    history.close()
    with closing(sqlite3.connect(folder / "history" / "runs.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
