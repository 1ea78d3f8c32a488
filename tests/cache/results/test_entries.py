"""Entries: all of a put or nothing, within the limits, through threads and damage."""

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import diskcache
import pytest

from cache import ResultStore, StoreError, map_key
from cache.keys import pass_key
from tests.cache.samples import age, assert_same, make_request, make_result
from tests.waiting import PATIENCE


def test_figures(store):
    assert store.counts() == {"layer": 0, "pass": 0, "answer": 0, "report": 0, "counts": 0, "arrays": 0}
    store.put(make_result(make_request()))
    store.put(make_result(make_request(layers=(3, 4))))
    assert store.counts() == {"layer": 5, "pass": 1, "answer": 1, "report": 0, "counts": 1, "arrays": 0}
    assert 0 < store.volume() < 2**20


def test_the_size_limit_evicts_the_oldest_runs_only(tmp_path):
    limit = 2**20
    store = ResultStore(tmp_path / "store", size_limit_bytes=limit)
    requests = [make_request(seed=seed, layers=tuple(range(8))) for seed in range(20)]
    for request in requests:
        store.put(make_result(request, grid=(40, 60)))
        assert store.volume() <= limit
        assert store.get(request) is not None
    kept = [store.get(request) is not None for request in requests]
    assert sum(kept) >= 5
    assert kept == sorted(kept)
    store.close()


def test_threads_share_one_store(store):
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait(PATIENCE)
        for seed in range(6):
            request = make_request(seed=seed, prompt=f"Question {number % 2}")
            found = store.get(request)
            if found is not None:
                assert_same(found, make_result(request))
            store.put(make_result(request))
            assert_same(store.get(request), make_result(request))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.counts() == {"layer": 48, "pass": 12, "answer": 2, "report": 0, "counts": 12, "arrays": 0}


@pytest.mark.parametrize("key", [map_key(make_request(), 2), pass_key(make_request())])
def test_a_truncated_entry_is_a_miss_and_replaced(store, caplog, key):
    store.put(make_result(make_request()))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        query = "UPDATE Cache SET value = substr(value, 1, length(value) - 3) WHERE key = ?"
        assert connection.execute(query, (key,)).rowcount == 1
    with caplog.at_level(logging.WARNING):
        assert store.get(make_request()) is None
        assert store.get(make_request()) is None
    assert len(caplog.records) == 1 and key in caplog.text
    store.put(make_result(make_request()))
    assert_same(store.get(make_request()), make_result(make_request()))


def test_a_failing_put_leaves_nothing(store, monkeypatch):
    real = diskcache.Cache.set
    calls = []

    def failing(self, *args, **options):
        calls.append(args)
        if len(calls) == 4:
            raise sqlite3.IntegrityError("stop")
        return real(self, *args, **options)

    monkeypatch.setattr(diskcache.Cache, "set", failing)
    with pytest.raises(StoreError, match="cannot be used"):
        store.put(make_result(make_request()))
    assert store.counts() == {"layer": 0, "pass": 0, "answer": 0, "report": 0, "counts": 0, "arrays": 0}
    store.put(make_result(make_request()))
    assert_same(store.get(make_request()), make_result(make_request()))


def test_a_failing_commit_does_not_lock_the_store(store, tmp_path):
    """A COMMIT that fails is not rolled back by diskcache; other writers would wait for ever."""
    store.put(make_result(make_request()))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        # A deferred foreign key without its parent fails at COMMIT and nowhere before.
        connection.execute("CREATE TABLE Parent (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE Child (id INTEGER REFERENCES Parent (id) DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("CREATE TRIGGER Fail AFTER INSERT ON Cache BEGIN INSERT INTO Child VALUES (1); END")
    store._cache._sql("PRAGMA foreign_keys = ON")
    with pytest.raises(StoreError):
        store.put(make_result(make_request(seed=1)))
    with closing(sqlite3.connect(store.folder / "cache.db", timeout=0.5)) as connection, connection:
        connection.execute("DROP TRIGGER Fail")
    store.put(make_result(make_request(seed=1)))
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))


def test_what_is_older_than_the_limit_is_dropped(tmp_path):
    store = ResultStore(tmp_path / "store", max_age=100)
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    age(store, 101, seed=0)
    assert store.get(make_request()) is None
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))
    store.put(make_result(make_request(seed=2)))  # a put clears away what has expired
    assert store.counts()["layer"] == 8
    store.close()
