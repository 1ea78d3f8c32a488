"""SQLite files of this program: opened safely, migrated as a whole, and only read where nothing is to change."""

import logging
import sqlite3
from contextlib import closing

import pytest

from cache import RunHistory, StoreError
from cache.files.sqlite import check_file, existing, open_file, read_only, rows, storable, structure_problem
from tests.cache.samples import make_run


def test_a_broken_file_is_moved_aside(tmp_path, caplog):
    path = tmp_path / "history" / "runs.db"
    history = RunHistory(path)
    history.record(make_run())
    history.close()
    path.write_bytes(b"not a database" * 1000)
    with caplog.at_level(logging.WARNING):
        history = RunHistory(path)
    assert len(caplog.records) == 1 and "broken-" in caplog.text
    assert history.recent(10) == []
    history.record(make_run())
    assert history.count() == 1
    (aside,) = path.parent.glob("runs.db.broken-*Z")
    assert aside.read_bytes().startswith(b"not a database")
    history.close()


def test_a_newer_file_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    RunHistory(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        RunHistory(path)


FIRST, SECOND = ("CREATE TABLE things (name TEXT)",), ("ALTER TABLE things ADD COLUMN size INTEGER DEFAULT 7",)


def opened(path, *migrations, **options):
    return open_file(path, "The file", migrations, 1.0, **options)


def test_each_version_is_migrated_once(tmp_path):
    path = tmp_path / "own" / "file.db"
    opened(path, FIRST).execute("INSERT INTO things VALUES ('a')")
    for _ in range(2):
        with closing(opened(path, FIRST, SECOND)) as connection:
            assert [tuple(row) for row in connection.execute("SELECT * FROM things")] == [("a", 7)]
            assert connection.execute("PRAGMA user_version").fetchone()[0] == 2


def test_functions_are_there_while_migrating(tmp_path):
    made = ("CREATE TABLE things AS SELECT twice('ab') AS name",)
    with closing(opened(tmp_path / "own" / "file.db", made, functions={"twice": lambda text: text * 2})) as connection:
        assert connection.execute("SELECT name FROM things").fetchone()["name"] == "abab"


def test_reading_changes_nothing_and_makes_nothing(tmp_path):
    path = tmp_path / "own" / "file.db"
    with closing(opened(path, FIRST)) as connection:
        connection.execute("INSERT INTO things VALUES ('a'), ('b')")
    assert rows(path, "SELECT name FROM things WHERE name > ?", "The file", "a") == [("b",)]
    with closing(read_only(path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM things")
    nowhere = tmp_path / "nowhere.db"
    for connect in (read_only, lambda file: existing(file, 1.0)):
        with pytest.raises(sqlite3.OperationalError), closing(connect(nowhere)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master")
    with pytest.raises(StoreError, match="^The file "):
        rows(nowhere, "SELECT 1", "The file")
    assert not nowhere.exists()


def test_who_changes_a_file_that_is_there_does(tmp_path):
    path = tmp_path / "own" / "file.db"
    opened(path, FIRST).close()
    with closing(existing(path, 1.0)) as connection:
        connection.execute("INSERT INTO things VALUES ('a')")
    assert rows(path, "SELECT COUNT(*) FROM things", "The file") == [(1,)]


def test_a_file_that_was_taken_away_or_locked_does_not_pass_the_check(tmp_path):
    path = tmp_path / "own" / "file.db"
    connection = opened(path, FIRST)
    check_file(path, "The file", "things")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    with pytest.raises(StoreError, match="no such table"):
        check_file(path, "The file", "others")
    connection.close()
    path.unlink()
    with pytest.raises(StoreError, match="The file in"):
        check_file(path, "The file", "things")
    assert not path.exists()


def test_the_structure_of_a_file_is_sound_broken_or_not_there(tmp_path):
    path = tmp_path / "own" / "file.db"
    assert structure_problem(path, "The file") is None
    opened(path, FIRST).close()
    assert structure_problem(path, "The file") is None
    path.write_bytes(b"not a database" * 999)
    assert "not a database" in structure_problem(path, "The file")


def test_what_sqlite_does_not_take_is_replaced_and_the_rest_left():
    assert [storable(value) for value in ("圆\0", "\ud83d", b"\0", 7, None)] == ["圆\ufffd", "?", b"\0", 7, None]
