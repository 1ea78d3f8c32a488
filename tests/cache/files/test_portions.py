"""Rows are written in order, in transactions that end by rows and by time, and leave room for others in between."""

import sqlite3
from contextlib import contextmanager

import pytest

from cache.files import portions
from cache.files.portions import HELD, MOST, immediate, write_in_portions
from tests.clocks import hold


@pytest.fixture
def file(tmp_path):
    """Opens connections to a file of one table, and closes them."""
    opened = []

    def connect(timeout=5.0):
        opened.append(sqlite3.connect(tmp_path / "file.db", timeout=timeout, isolation_level=None))
        return opened[-1]

    connect().execute("CREATE TABLE things (name INTEGER)")
    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def clock(monkeypatch):
    """Time passes only as a test says; what is slept is noted and passes, too."""
    clock = hold(monkeypatch, portions)
    clock.slept = []

    def sleep(seconds):
        clock.slept.append(seconds)
        clock.forward(seconds)

    clock.sleep = sleep
    return clock


def write(connection, name):
    connection.execute("INSERT INTO things VALUES (?)", (name,))


def names(connection):
    return [name for (name,) in connection.execute("SELECT name FROM things ORDER BY rowid")]


def test_by_rows(file, clock):
    connection, steps = file(), []
    rows = range(2 * MOST + 1)
    write_in_portions(rows, lambda: immediate(connection), write, lambda: steps.append(len(names(connection))))
    assert names(connection) == list(rows)
    assert steps == [MOST, 2 * MOST, 2 * MOST + 1]
    assert len(clock.slept) == 2 and min(clock.slept) > 0  # and none for nobody


def test_by_time_and_rests_for_longer_than_it_held(file, clock):
    connection, steps = file(), []

    def slow(connection, name):
        write(connection, name)
        clock.forward(HELD * 0.4)

    write_in_portions(range(7), lambda: immediate(connection), slow, lambda: steps.append(len(names(connection))))
    assert steps == [3, 6, 7]
    assert clock.slept == [pytest.approx(2 * 3 * HELD * 0.4, rel=1e-3)] * 2


def test_others_write_in_between_and_see_whole_portions_only(file, clock):
    connection, other = file(), file(timeout=0)
    seen = []

    @contextmanager
    def transaction():
        with immediate(connection) as begun:
            yield begun
            seen.append(len(names(other)))

    write_in_portions(range(5), transaction, write, lambda: write(other, -1), most=2)
    assert seen == [0, 3, 6]
    assert names(other) == [0, 1, -1, 2, 3, -1, 4, -1]


def test_what_fails_takes_its_own_portion_back(file, clock):
    connection = file()

    def fail(connection, name):
        write(connection, name)
        if name == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_in_portions(range(9), lambda: immediate(connection), fail, most=2)
    assert names(connection) == [0, 1] and not connection.in_transaction


def test_nothing_begins_no_transaction(clock):
    write_in_portions([], lambda: pytest.fail("a transaction"), write)
    assert clock.slept == []
