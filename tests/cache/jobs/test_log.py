import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from cache import JobLog, StoreError
from cache.jobs import log as module

ASKING = {"request": {"prompt": "Where is the 星?"}, "picture": "a.png"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs" / "jobs.sqlite"


def states(log, *names):
    return [None if (row := log.get(name)) is None else row.state for name in names]


def test_a_job_is_written_down_and_followed(path):
    log = JobLog(path)
    log.begin("one", "anna", ASKING)
    assert states(log, "one", "two") == ["queued", None]
    log.note("one", "running", 3, 10)
    row = log.get("one")
    assert (row.state, row.done, row.total, row.person, row.asking) == ("running", 3, 10, "anna", ASKING)
    assert row.asked <= row.changed
    log.note("one", "failed", problem="The model is not there.")
    assert log.get("one").problem == "The model is not there."
    assert log.interrupted() == []


def test_a_server_that_ends_leaves_its_unfinished_jobs_interrupted(path):
    first = JobLog(path)
    for name in ("ran", "waited", "done"):
        first.begin(name, "anna", ASKING)
    first.note("ran", "running", 12, 30)
    first.note("done", "done")
    first.close()
    second = JobLog(path)
    assert [(row.job_id, row.done, row.total) for row in second.interrupted()] == [("ran", 12, 30), ("waited", 0, 0)]
    assert states(second, "ran", "waited", "done") == ["interrupted", "interrupted", "done"]


def test_a_killed_server_counts_as_ended_and_a_living_one_does_not(path):
    here = JobLog(path)
    here.begin("mine", "anna", ASKING)
    code = (
        "import sys, time; from cache import JobLog; log = JobLog(sys.argv[1]); "
        "log.begin('theirs', 'ben', {}); print('begun', flush=True); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
    assert server.stdout.readline() == b"begun\n"
    assert here.interrupted() == [] and states(here, "theirs") == ["queued"]
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert [row.job_id for row in here.interrupted()] == ["theirs"]
    assert states(here, "mine") == ["queued"]
    assert len(list(path.parent.glob("*.server"))) == 1  # nothing is left of the dead one


def test_a_job_that_is_asked_again_is_no_longer_interrupted(path):
    JobLog(path).begin("one", "anna", ASKING)
    log = JobLog(path)
    assert states(log, "one") == ["interrupted"]
    log.begin("one", "ben", ASKING)
    assert states(log, "one") == ["queued"] and log.interrupted() == []
    assert not log.forget("one")  # it is under way


def test_a_job_that_another_server_took_over_is_not_written_to(path):
    slow = JobLog(path)
    slow.begin("one", "anna", ASKING)
    other = JobLog(path)
    other.begin("one", "ben", ASKING)
    slow.note("one", "cancelled")
    assert states(other, "one") == ["queued"]


def test_an_interrupted_job_can_be_forgotten(path):
    JobLog(path).begin("one", "anna", ASKING)
    log = JobLog(path)
    log.interrupted()
    assert log.forget("one") and states(log, "one") == [None]


def test_only_the_latest_ended_jobs_are_kept(path, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    log = JobLog(path)
    log.begin("under way", "anna", ASKING)
    for number in range(6):
        log.begin(str(number), "anna", ASKING)
        log.note(str(number), "done")
    assert states(log, "under way", "2", "3", "5") == ["queued", None, "done", "done"]


def test_a_broken_file_is_moved_aside_and_a_fresh_one_begins(path):
    JobLog(path).close()
    path.write_bytes(b"this is no database " * 100)
    log = JobLog(path)
    assert log.interrupted() == []
    (aside,) = path.parent.glob("*.broken-*")
    assert aside.read_bytes().startswith(b"this is no database")


def test_a_file_of_a_newer_version_is_refused(path):
    JobLog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="list of jobs.*newer version"):
        JobLog(path)


def test_text_that_sqlite_does_not_take_is_replaced(path):
    log = JobLog(path)
    log.begin("one", "an\0na\ud800", ASKING)
    assert log.get("one").person == "an\ufffdna?"
