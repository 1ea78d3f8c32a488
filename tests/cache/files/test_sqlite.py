"""SQLite files of this program: opened safely, migrated as a whole, and only read where nothing is to change."""

import logging
import sqlite3
from contextlib import closing

import pytest

from cache import RunHistory, StoreError
from cache.files.sqlite import (
    check_file,
    empty_log,
    existing,
    is_foreign,
    open_file,
    read_only,
    rows,
    storable,
    structure_problem,
)
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


def put_tables(path, *statements):
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("version", [0, 1])
def test_another_programs_file_is_moved_aside_and_nothing_is_written_into_it(tmp_path, version):
    path = tmp_path / "own" / "file.db"
    put_tables(path, "CREATE TABLE addresses (street)", f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert is_foreign(path, "things") and "another program" in structure_problem(path, "The file", "things")
    with closing(opened(path, FIRST)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM things").fetchone()[0] == 0
    (aside,) = path.parent.glob("file.db.broken-*Z")
    assert aside.read_bytes() == before
    assert not is_foreign(path, "things") and structure_problem(path, "The file", "things") is None


def test_a_newer_file_without_the_table_is_left_alone(tmp_path):
    path = tmp_path / "own" / "file.db"
    put_tables(path, "CREATE TABLE matters (name)", "PRAGMA user_version = 2")
    with pytest.raises(StoreError, match="newer version"):
        opened(path, FIRST)
    assert list(path.parent.glob("*.broken-*")) == []


@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_is_no_file_is_said_and_left_where_it_is(tmp_path, what):
    path = tmp_path / "own" / "file.db"
    path.parent.mkdir()
    path.mkdir() if what == "folder" else path.symlink_to(tmp_path / "not mounted" / "file.db")
    for use in (lambda: opened(path, FIRST), lambda: is_foreign(path, "things")):
        with pytest.raises(StoreError, match=r"should be a file, .* Mend the link"):
            use()
    assert "should be a file" in structure_problem(path, "The file", "things")
    assert not (tmp_path / "not mounted").exists()


FIRST, SECOND = ("CREATE TABLE things (name TEXT)",), ("ALTER TABLE things ADD COLUMN size INTEGER DEFAULT 7",)


def opened(path, *migrations, **options):
    return open_file(path, "The file", "things", migrations, 1.0, **options)


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
    assert structure_problem(path, "The file", "things") is None
    opened(path, FIRST).close()
    assert structure_problem(path, "The file", "things") is None
    path.write_bytes(b"not a database" * 999)
    assert "not a database" in structure_problem(path, "The file", "things")
    path.write_bytes(b"")
    assert "empty" in structure_problem(path, "The file", "things")


def test_what_sqlite_does_not_take_is_replaced_and_the_rest_left():
    assert [storable(value) for value in ("圆\0", "\ud83d", b"\0", 7, None)] == ["圆\ufffd", "?", b"\0", 7, None]


def test_whoever_writes_does_not_empty_the_log_before_others_have_had_time_to(tmp_path):
    path = tmp_path / "own" / "file.db"
    with closing(opened(path, ("CREATE TABLE things (value BLOB)",))) as connection:
        empty_log(path, "The file")
        before = path.stat().st_size
        for _ in range(40):
            connection.execute("INSERT INTO things VALUES (zeroblob(1048576))")
        assert path.stat().st_size == before
        empty_log(path, "The file")
        assert path.stat().st_size > before + 40 * 2**20


def test_no_connection_waits_for_the_disk_while_it_has_the_lock(tmp_path):
    path = tmp_path / "own" / "file.db"
    for connect in (lambda: opened(path, FIRST), lambda: existing(path, 1.0)):
        with closing(connect()) as connection:
            assert connection.execute("PRAGMA synchronous").fetchone()[0] == 1  # NORMAL: at the next emptying alone
