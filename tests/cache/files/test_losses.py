"""Files that are deleted or replaced under an open connection: noticed, written down once, opened anew."""

import logging
import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from cache import PictureFolder, RunHistory, StoreError
from cache.files.losses import identity, note_loss
from cache.jobs.log import JobLog
from tests.cache.samples import make_run


def markers(folder):
    return sorted(path.name.partition("lost-")[0] for path in folder.glob("*.lost-*Z"))


def test_another_file_under_the_same_name_is_another_file(tmp_path):
    path = tmp_path / "file"
    assert identity(path) is None
    with path.open("w"):
        before = identity(path)
        path.unlink()
        path.touch()
        assert identity(path) not in (None, before)


def test_a_loss_is_written_down_once_whoever_notices_it(tmp_path, caplog):
    folder = tmp_path / "history"
    with caplog.at_level(logging.ERROR):
        for lost in ((1, 2), (1, 2), (1, 3)):
            note_loss(folder, lost)
    assert markers(tmp_path) == ["history.", "history."]
    assert len(caplog.records) == 2 and str(folder) in caplog.text
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.glob("*.lost-*Z"))


@pytest.mark.parametrize("everything", [True, False], ids=["folder", "files"])
def test_a_history_that_is_deleted_under_the_server_is_begun_anew(tmp_path, everything):
    history, others = (RunHistory(tmp_path / "history" / "runs.db") for _ in range(2))
    history.record(make_run(0))
    if everything:
        shutil.rmtree(tmp_path / "history")
    else:
        for file in (tmp_path / "history").iterdir():
            file.unlink()
    assert history.count() == others.count() == 0
    history.record(make_run(1))
    assert [run.run_id for run in others.recent(9)] == [make_run(1).run_id]
    assert markers(tmp_path) == ["history."]
    with closing(RunHistory(tmp_path / "history" / "runs.db")) as fresh:
        assert fresh.count() == 1
    history.close()
    others.close()


def test_a_backup_that_is_put_in_place_is_read_and_the_log_of_the_old_file_is_not_played_into_it(tmp_path):
    path = tmp_path / "history" / "runs.db"
    history = RunHistory(path)
    for number in range(3):
        history.record(make_run(number))
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(backup)) as copy, history.connection.statements() as connection:
        connection.backup(copy)
    for number in range(3, 200):
        history.record(make_run(number))  # these lie in the log
    assert path.with_name("runs.db-wal").stat().st_size > 0
    os.replace(backup, path)
    assert history.count() == 3
    history.record(make_run(500))
    assert history.count() == 4
    history.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone() == (4,)
    assert list(path.parent.glob("runs.db.broken-*Z-wal"))  # what only the old log had is still there


def test_what_is_recorded_while_the_file_goes_is_recorded_again(tmp_path, monkeypatch):
    path = tmp_path / "history" / "runs.db"
    history = RunHistory(path)
    write = RunHistory._record

    def lose(self, *arguments):
        write(self, *arguments)
        monkeypatch.setattr(RunHistory, "_record", write)
        shutil.rmtree(path.parent)

    monkeypatch.setattr(RunHistory, "_record", lose)
    history.record(make_run())
    with closing(RunHistory(path)) as fresh:
        assert fresh.get(make_run().run_id) is not None
    history.close()


def test_jobs_that_go_on_are_written_down_once_more_and_those_that_are_done_are_not(tmp_path):
    path = tmp_path / "jobs" / "jobs.sqlite"
    log = JobLog(path)
    for name in ("done", "running"):
        log.begin(name, "anna", {"prompt": name})
    log.note("done", "done")
    shutil.rmtree(path.parent)
    assert log.get("done") is None
    assert log.get("running").state == "queued"
    log.note("running", "running", 3, 9)
    other = JobLog(path)
    assert other.get("running").state == "running"  # this server still shows that it is alive
    log.close()
    assert other.get("running").state == "interrupted"
    other.close()


def test_a_folder_of_pictures_is_made_anew_and_that_is_written_down(tmp_path):
    pictures, others = (PictureFolder(tmp_path / "pictures") for _ in range(2))
    pictures.put("ab" * 32, b"one")
    shutil.rmtree(tmp_path / "pictures")
    pictures.put("cd" * 32, b"two")
    assert pictures.get("ab" * 32) is None and pictures.get("cd" * 32) == b"two"
    others.put("ef" * 32, b"three")
    assert markers(tmp_path) == ["pictures."]
    assert (tmp_path / "pictures").stat().st_mode & 0o777 == 0o700


def test_what_is_put_in_the_place_of_a_database_and_is_no_file_costs_nothing_once_it_is_put_right(tmp_path):
    path = tmp_path / "history" / "runs.db"
    history = RunHistory(path)
    history.record(make_run(0))
    path.rename(tmp_path / "aside")
    path.mkdir()
    with pytest.raises(StoreError, match="The history in"):
        history.count()
    path.rmdir()
    (tmp_path / "aside").rename(path)
    history.record(make_run(1))
    assert history.count() == 2 and markers(tmp_path) == []
    history.close()
    with closing(RunHistory(path)) as again:
        assert again.count() == 2
