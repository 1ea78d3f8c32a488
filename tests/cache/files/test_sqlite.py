"""SQLite files of this program: opened safely, migrated as a whole, and only read where nothing is to change."""

import logging
import sqlite3
from contextlib import closing

import pytest

from cache import RunHistory, StoreError
from tests.cache.samples import make_run


def test_a_broken_file_is_moved_aside(tmp_path, caplog):
    path = tmp_path / "history" / "runs.db"
    log = RunHistory(path)
    log.record(make_run())
    log.close()
    path.write_bytes(b"not a database" * 1000)
    with caplog.at_level(logging.WARNING):
        log = RunHistory(path)
    assert len(caplog.records) == 1 and "broken-" in caplog.text
    assert log.recent(10) == []
    log.record(make_run())
    assert log.count() == 1
    (aside,) = path.parent.glob("runs.db.broken-*Z")
    assert aside.read_bytes().startswith(b"not a database")
    log.close()


def test_a_newer_file_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    RunHistory(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        RunHistory(path)
