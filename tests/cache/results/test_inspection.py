"""Looking at what is stored, and dropping what is of no use: exactly that, and nothing newer."""

import pickle
import sqlite3
import time
from contextlib import closing

import pytest

from cache import ResultStore, StoreError, keys
from cache.files.sqlite import structure_problem
from cache.results.change_log import dropped
from cache.results.cleanup import drop_rows, old_rows, orphaned_layers
from cache.results.inspection import damaged, kinds, model_shares
from tests.cache.samples import assert_same, change, make_request, make_result


def found(store):
    return {(one.kind, one.why) for one in damaged(store.folder)}


def test_kinds_by_hand(store):
    assert kinds(store.folder) == []
    before = time.time()
    store.put(make_result(make_request()))
    store.put_report(keys.report_key("trust", make_request()), {"area": 0.5})
    stock = {kind.name: kind for kind in kinds(store.folder)}
    assert {name: kind.entries for name, kind in stock.items()} == {
        "layer": 4,
        "pass": 1,
        "answer": 1,
        "counts": 1,
        "report": 1,
    }
    # A layer of 5 x 7: two maps of float32, 280 bytes, hardly compressible, and their headers.
    assert 4 * 280 < stock["layer"].size < 4 * 400
    assert all(before <= kind.oldest <= kind.newest <= time.time() for kind in stock.values())


def test_rows_of_somebody_else_are_counted_and_told_in_words(store):
    store.put(make_result(make_request()))
    plant = "INSERT INTO Cache (key, raw, mode, value, tag, store_time) VALUES (?, ?, 1, ?, ?, ?)"
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        connection.executemany(
            plant,
            [
                ("\x1b[31m\nAll is well.", 1, b"x", b"\xff", "later"),
                (b"\x80", 0, b"x", 7, None),
                ("k" * 10**5, 1, None, None, float("inf")),
                ("plain", 1, None, "layer", -1.0),
            ],
        )
    stock = {kind.name: kind for kind in kinds(store.folder)}
    assert set(stock) == {"layer", "pass", "answer", "counts", "unknown"}
    assert (stock["unknown"].entries, stock["unknown"].size, stock["unknown"].oldest) == (3, 2, None)
    assert stock["layer"].entries == 5 and stock["layer"].oldest > 0
    told = [f"{one.key} {one.kind} {one.why}" for one in damaged(store.folder)]
    assert len(told) == 4 and all(line.isprintable() and len(line) < 500 for line in told)
    assert sum(row.size for row in orphaned_layers(store.folder)) == 0
    drop_rows(store.folder, damaged(store.folder), "damaged")
    assert all(type(drop.kind) is str for drop in dropped(store.folder, 10)) and found(store) == set()


def test_a_sound_store_has_no_damage(store):
    for seed in range(40):  # several batches
        store.put(make_result(make_request(seed=seed)))
    store.put(make_result(make_request(method="combined", layers=())))
    store.put_report(keys.report_key("trust", make_request()), {})
    assert found(store) == set() and structure_problem(store.folder / "cache.db", "it", "Cache") is None


def test_every_damaged_entry_is_found_and_dropping_leaves_the_rest(store):
    request = make_request()
    store.put(make_result(request))
    store.put(make_result(make_request(seed=1)))
    layers = list(keys.map_keys(request).values())
    change(store, "UPDATE Cache SET value = substr(value, 1, 40) WHERE key = ?", layers[0])
    change(store, "UPDATE Cache SET value = ?, mode = 4 WHERE key = ?", pickle.dumps("x"), layers[1])
    # Somebody else's bytes under this key; a kind that does not exist; a key that is no text.
    change(
        store, "UPDATE Cache SET value = (SELECT value FROM Cache WHERE key = ?) WHERE key = ?", layers[3], layers[2]
    )
    change(store, "UPDATE Cache SET tag = 'poem' WHERE key = ?", keys.pass_key(request))
    change(store, "UPDATE Cache SET key = x'00', raw = 0 WHERE key = ?", keys.counts_key(request))
    assert found(store) == {
        ("layer", "its checksum is wrong"),
        ("layer", "its storage mode 4 is refused"),
        ("poem", "it is of the unknown kind 'poem'"),
        ("counts", "its key is not text"),
    }
    assert drop_rows(store.folder, damaged(store.folder), "damaged") == 5
    assert found(store) == set()
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))
    assert len(store._cache) == sum(store.counts().values())  # diskcache's own count
    store.put(make_result(request))
    assert_same(store.get(request), make_result(request))


def test_what_is_no_database_is_said(tmp_path):
    (tmp_path / "cache.db").write_bytes(b"not a database" * 999)
    for look in (kinds, lambda folder: list(damaged(folder)), orphaned_layers, lambda folder: old_rows(folder, 1)):
        with pytest.raises(StoreError, match="The result store in"):
            look(tmp_path)
    assert "not a database" in structure_problem(tmp_path / "cache.db", "The result store", "Cache")
    assert structure_problem(tmp_path / "nothing.db", "it", "Cache") is None


def test_the_share_of_each_model(tmp_path):
    store = ResultStore(tmp_path / "store")
    for number, model in enumerate(("a" * 9, "a" * 9, "b" * 9)):
        store.put(make_result(make_request(seed=number, model=model)))
    store._cache.delete(keys.map_key(make_request(seed=0, model="a" * 9), 3))
    store._cache.set("broken", b"nothing", tag="pass")
    first, second = model_shares(store.folder)
    assert (first.model, first.passes, first.maps) == ("a" * 9, 2, 7)
    assert (second.model, second.passes, second.maps) == ("b" * 9, 1, 4)
    assert (
        first.size + second.size == sum(kind.size for kind in kinds(store.folder) if kind.name in ("layer", "pass")) - 7
    )
    store.close()
