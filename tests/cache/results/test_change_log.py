"""What was dropped is written down by whoever drops it: when, why and how much; bounded, and kept."""

import sqlite3
import time
from contextlib import closing

import pytest

from cache import ResultStore, StoreError, keys
from cache.results import change_log
from cache.results.change_log import dropped
from cache.results.cleanup import drop_rows, old_rows
from tests.cache.samples import make_request, make_result


def total(folder, reason: str) -> dict[str, int]:
    return {each.kind: each.entries for each in dropped(folder, 100) if each.reason == reason}


@pytest.fixture
def store(tmp_path):
    store = ResultStore(tmp_path / "store")
    store.put(make_result(make_request()))
    yield store
    store.close()


def test_a_store_that_lost_nothing_says_so(store):
    assert dropped(store.folder, 100) == []


def test_what_the_size_limit_evicts_is_counted_with_its_bytes_and_its_time(tmp_path):
    began = time.time()
    store = ResultStore(tmp_path / "small", size_limit_bytes=200_000)
    before = 0
    for seed in range(60):
        store.put(make_result(make_request(seed=seed), grid=(20, 20)))
        before += 1
    gone = dropped(store.folder, 100)
    counts = store.counts()
    assert total(store.folder, "evicted")["layer"] == 4 * before - counts["layer"] > 0
    assert total(store.folder, "evicted")["pass"] == before - counts["pass"]
    assert {each.reason for each in gone} == {"evicted"}
    layers = next(each for each in gone if each.kind == "layer")
    assert layers.size / layers.entries == pytest.approx(20 * 20 * 8, rel=0.3)
    assert began - 2 < layers.latest <= time.time() + 2
    store.close()


def test_what_the_age_limit_drops_is_expired(tmp_path, store):
    store.close()
    old = ResultStore(tmp_path / "store", max_age=1e-6)
    assert total(old.folder, "expired") == {"layer": 4, "pass": 1, "answer": 1, "counts": 1}
    old.close()


def test_cleaning_and_damage_have_reasons_of_their_own_and_survive_a_restart(tmp_path, store):
    assert drop_rows(store.folder, old_rows(store.folder, -1), "cleaned") == 7
    assert total(store.folder, "cleaned") == {"layer": 4, "pass": 1, "answer": 1, "counts": 1}
    store.put(make_result(make_request()))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        key = keys.map_key(make_request(), 0)
        connection.execute("UPDATE Cache SET value = substr(value, 1, 40) WHERE key = ?", (key,))
    assert store.get(make_request()) is None
    assert total(store.folder, "damaged") == {"layer": 1}
    store.close()
    again = ResultStore(tmp_path / "store")
    assert total(again.folder, "damaged") == {"layer": 1}
    change_log.note(again.folder, "cleaned", "picture", 2, 300)
    change_log.note(again.folder, "cleaned", "picture", 0, 0)
    (pictures,) = [each for each in dropped(again.folder, 100) if each.kind == "picture"]
    assert (pictures.entries, pictures.size, pictures.reason) == (2, 300, "cleaned")
    # Nothing is left that would give the next eviction a false reason.
    again._cache.delete(keys.map_key(make_request(), 1))
    assert total(again.folder, "evicted") == {"layer": 1}
    again.close()


def test_the_log_is_bounded(store):
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        for hour in range(change_log.MOST_RECORDS + 50):
            connection.execute("INSERT INTO Dropped VALUES (?, 'evicted', 'layer', ?, 1, 1)", (3600 * hour, hour))
        (records,) = connection.execute("SELECT COUNT(*) FROM Dropped").fetchone()
    assert records == change_log.MOST_RECORDS
    assert dropped(store.folder, 1)[0].latest == change_log.MOST_RECORDS + 49


def test_a_store_of_an_older_version_gets_its_log_and_one_that_is_none_is_a_sentence(tmp_path, store):
    store.close()
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%Journal%'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TRIGGER Dropped_bounded")
        for name in ("Journal", "Written", "Dropped", "Reason"):
            connection.execute(f"DROP TABLE {name}")
    assert dropped(store.folder, 100) == []
    change_log.note(store.folder, "cleaned", "picture", 1, 1)  # by the command line, before any server has opened it
    assert drop_rows(store.folder, old_rows(store.folder, -1)[:1], "cleaned") == 1
    again = ResultStore(tmp_path / "store")
    again._cache.delete(keys.pass_key(make_request()))
    assert total(again.folder, "evicted") == {"pass": 1}
    again.close()
    with pytest.raises(StoreError):
        dropped(tmp_path / "nowhere", 1)
