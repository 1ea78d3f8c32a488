"""The connection to the history: shared by threads and processes, private, and in words where it fails."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cache import Change, RunHistory, StoreError
from tests.cache.samples import make_run, total

ROOT = Path(__file__).parents[3]


def test_threads_share_one_history(history):
    def work(start: int) -> None:
        for number in range(start, start + 20):
            history.record(make_run(number))
            assert history.get(make_run(number).run_id) == make_run(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (0, 10, 20, 30)))
    assert history.count() == history.count("circle") == 50


def test_two_processes_share_one_file(tmp_path):
    path = tmp_path / "history" / "runs.db"
    program = (
        "import sys; from cache import RunHistory; from tests.cache.samples import make_run\n"
        "history = RunHistory(sys.argv[1])\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 60): history.record(make_run(number))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), start], cwd=ROOT) for start in ("0", "30")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    history = RunHistory(path)
    assert history.count() == history.count("circle") == 90
    history.close()


def test_the_folder_is_private(history, tmp_path):
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o700


def test_damage_under_the_running_server_is_told_as_such(tmp_path):
    path = tmp_path / "history" / "runs.db"
    RunHistory(path).close()
    history = RunHistory(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="is damaged .* Start the server again"):
        history.recent(5)
    history.close()


def test_a_writer_that_does_not_let_go(history, tmp_path):
    impatient = RunHistory(tmp_path / "history" / "runs.db", timeout=0.1)
    with closing(sqlite3.connect(tmp_path / "history" / "runs.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            impatient.record(make_run())
    impatient.record(replace(make_run(), duration=3))
    assert history.get(make_run().run_id).duration == 3
    impatient.close()


def test_what_is_remembered_follows_every_writer(history, tmp_path):
    history.record(make_run(0))
    other = RunHistory(tmp_path / "history" / "runs.db")
    for number in range(1, 4):
        assert history.count() == total(history) == other.count() == number
        (history if number % 2 else other).record(make_run(number))
    other.write([make_run(0).run_id], Change(trash=True, add_tags=("x",)))
    assert (history.count(), history.overview.choices().tags) == (3, ("x",))
    other.close()


def test_a_transaction_that_fails_changes_nothing(history):
    history.record(make_run())
    with pytest.raises(StoreError, match="The history in .*nowhere"), history.connection.transaction() as connection:
        connection.execute("DELETE FROM runs")
        connection.execute("DELETE FROM nowhere")
    assert history.get(make_run().run_id) == make_run()


def test_an_answer_is_worked_out_once_until_somebody_writes(history):
    worked_out = []

    def work_out(connection):
        worked_out.append(connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0])
        return worked_out[-1]

    for _ in range(3):
        assert history.connection.memoised("runs", work_out) == 0
    history.record(make_run())
    assert history.connection.memoised("runs", work_out) == history.connection.memoised("runs", work_out) == 1
    assert worked_out == [0, 1]


def test_the_memo_does_not_grow_without_end(history):
    for number in range(1000):
        assert history.connection.memoised(number, lambda _, number=number: number) == number
    assert len(history.connection._memo) <= 100


def test_a_file_that_was_taken_away_does_not_pass_the_check(history, tmp_path):
    history.check()
    (tmp_path / "history" / "runs.db").rename(tmp_path / "elsewhere.db")
    with pytest.raises(StoreError, match="The history in"):
        history.check()
