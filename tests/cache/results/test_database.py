"""The database is opened whatever state it was left in, and at a cost that does not grow with it."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from cache import ResultStore
from tests.cache.samples import age, assert_same, make_request, make_result


def test_planted_settings_are_forgotten(store):
    result = make_result(make_request())
    store.put(result)
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        connection.executemany(
            "INSERT OR REPLACE INTO Settings VALUES (?, ?)",
            [("get", "x"), ("disk_evil", 1), ("eviction_policy", "x"), ("sqlite_journal_mode", "off")],
        )
    again = ResultStore(store.folder)
    assert_same(again.get(result.request), result)
    again.close()


def test_the_folder_is_private(store):
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("max_age", [None, 3600.0])
def test_opening_a_full_store_does_not_read_it(tmp_path, max_age):
    def bytes_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    store = ResultStore(tmp_path / "store", max_age=max_age)
    for seed in range(240):
        store.put(make_result(make_request(seed=seed)))
    store.close()
    before = bytes_read()
    store = ResultStore(tmp_path / "store", max_age=max_age)
    assert bytes_read() - before < 0.4 * store.volume()  # the tables' own layout, and an index
    assert_same(store.get(make_request(seed=7)), make_result(make_request(seed=7)))
    store.close()


def test_a_limit_holds_for_what_was_stored_before_it_was_set(tmp_path):
    store = ResultStore(tmp_path / "store")
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    age(store, 1000, seed=0)
    store.close()
    store = ResultStore(tmp_path / "store")
    assert store.get(make_request()) is not None
    store.close()
    store = ResultStore(tmp_path / "store", max_age=500)
    assert store.get(make_request()) is None and store.get(make_request(seed=1)) is not None
    assert store.counts()["layer"] == 4
    store.close()
    store = ResultStore(tmp_path / "store")  # and no longer once it is taken back
    age(store, 1000, seed=1)
    assert store.get(make_request(seed=1)) is not None
    store.close()


def test_another_programs_database_is_moved_aside_untouched(tmp_path):
    database = tmp_path / "results" / "cache.db"
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE addresses (street)")
    before = database.read_bytes()
    store = ResultStore(database.parent)
    store.put(make_result(make_request()))
    store.close()
    (aside,) = database.parent.glob("cache.db.broken-*Z")
    assert aside.read_bytes() == before
