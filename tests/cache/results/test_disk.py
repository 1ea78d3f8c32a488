"""Planted entries: nothing runs, nothing outside is read or deleted, and a miss results."""

import io
import logging
import pickle
import sqlite3
import tracemalloc
from contextlib import closing

import diskcache
import numpy as np
import pytest

from cache import ResultStore, map_key
from cache.errors import CorruptEntry
from cache.results import codec
from cache.results.assembly import to_entries
from cache.results.disk import BytesDisk
from cache.results.inspection import damaged
from tests.cache.samples import assert_same, make_request, make_result, missing_maps

REQUEST = make_request(layers=(0,))
KEY = map_key(REQUEST, 0)
RAW, BINARY, TEXT, PICKLE = 1, 2, 3, 4


class Bomb:
    """Unpickling it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    store = ResultStore(tmp_path_factory.mktemp("planted"))
    yield store
    store.close()


@pytest.fixture
def store(shared_store):
    shared_store.put(make_result(REQUEST))
    return shared_store


def plant(store: ResultStore, **columns) -> None:
    """Writes columns of the layer's row straight into the table."""
    names = ", ".join(f"{name} = ?" for name in columns)
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        query = f"UPDATE Cache SET {names} WHERE key = ?"
        assert connection.execute(query, (*columns.values(), KEY)).rowcount == 1


def assert_one_miss_then_replaced(store: ResultStore, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        assert store.get(REQUEST) is None
        assert missing_maps(store, REQUEST) == (0,)
    assert len([record for record in caplog.records if KEY in record.getMessage()]) == 1
    store.put(make_result(REQUEST))
    assert_same(store.get(REQUEST), make_result(REQUEST))


def test_the_bomb_works(tmp_path):
    """Otherwise the tests below would show nothing."""
    with pickle.loads(pickle.dumps(Bomb(tmp_path / "ran"))):
        assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("in_file", [False, True])
def test_planted_pickle_does_not_run(store, tmp_path, caplog, in_file):
    bomb = pickle.dumps(Bomb(tmp_path / "ran"))
    (store.folder / "bomb.val").write_bytes(bomb)
    plant(store, mode=PICKLE, value=None if in_file else bomb, filename="bomb.val" if in_file else None)
    assert_one_miss_then_replaced(store, caplog)
    assert not (tmp_path / "ran").exists()


def test_planted_pickled_key_does_not_run(store, tmp_path):
    plant(store, key=pickle.dumps(Bomb(tmp_path / "ran")), raw=0)
    assert store.get(REQUEST) is None
    cache = diskcache.Cache(str(store.folder), disk=BytesDisk)
    with pytest.raises(CorruptEntry, match="not text"):
        list(cache)
    cache.close()
    assert not (tmp_path / "ran").exists()


def test_planted_object_array_does_not_run(store, tmp_path, caplog):
    array = io.BytesIO()
    np.save(array, np.array([Bomb(tmp_path / "ran")], dtype=object), allow_pickle=True)
    plant(store, value=array.getvalue())
    assert_one_miss_then_replaced(store, caplog)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["../secret.val", "a/../../secret.val", "ABSOLUTE", "link.val", "secret\0.val", 7])
def test_file_name_that_leaves_the_folder(store, caplog, name):
    secret = store.folder.parent / "secret.val"
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection:
        query = "SELECT value FROM Cache WHERE key = ?"
        # Even a value that fits is not read from outside.
        secret.write_bytes(connection.execute(query, (KEY,)).fetchone()[0])
    (store.folder / "link.val").unlink(missing_ok=True)
    (store.folder / "link.val").symlink_to(secret)
    plant(store, mode=BINARY, value=None, filename=str(secret) if name == "ABSOLUTE" else name)
    assert_one_miss_then_replaced(store, caplog)
    assert secret.exists()


def test_the_database_itself_is_no_value(store, caplog):
    plant(store, mode=BINARY, value=None, filename="cache.db")
    assert_one_miss_then_replaced(store, caplog)
    assert (store.folder / "cache.db").exists()


def test_a_link_in_a_circle(store, caplog):
    (store.folder / "circle.val").symlink_to("circle.val")
    plant(store, mode=BINARY, value=None, filename="circle.val")
    assert_one_miss_then_replaced(store, caplog)


@pytest.mark.parametrize(
    "columns",
    [
        {"mode": "\n\x1b[31m" * 10**6},
        {"mode": b"\n" * 10**6},
        {"mode": BINARY, "value": None, "filename": "../" * 10**6},
    ],
)
def test_what_is_planted_fits_a_line_of_the_log(store, caplog, columns):
    plant(store, **columns)
    assert_one_miss_then_replaced(store, caplog)
    assert all(record.getMessage().isprintable() and len(record.getMessage()) < 400 for record in caplog.records)


def test_a_huge_value_is_not_brought_into_memory(store, caplog):
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        connection.execute("UPDATE Cache SET value = zeroblob(50000000) WHERE key = ?", (KEY,))
    tracemalloc.start()
    try:
        assert KEY in {one.key for one in damaged(store.folder)}
        assert_one_miss_then_replaced(store, caplog)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "larger than" in caplog.text and peak < 5_000_000


def test_the_mean_of_another_number_of_samples(store, caplog):
    """A checksum has no secret: whoever can write here can make it fit."""
    fewer = make_result(REQUEST, num_samples=3)
    _, (layer,) = to_entries(fewer, codec.answer_digest(fewer.answer))
    plant(store, value=codec.encode_layer(KEY, layer))
    assert_one_miss_then_replaced(store, caplog)
    assert "mean of 3 samples, not of 10" in caplog.text


def test_value_that_is_no_plain_file(store, caplog):
    (store.folder / "folder.val").mkdir()
    plant(store, mode=BINARY, value=None, filename="folder.val")
    assert_one_miss_then_replaced(store, caplog)


def test_value_file_that_is_too_large(store, caplog):
    with (store.folder / "huge.val").open("wb") as file:
        file.truncate(2**40)
    plant(store, mode=BINARY, value=None, filename="huge.val")
    assert_one_miss_then_replaced(store, caplog)


@pytest.mark.parametrize("mode, value", [(RAW, "text"), (RAW, 3), (RAW, None), (TEXT, b"x"), (9, b"x"), (None, b"x")])
def test_other_modes_and_types(store, caplog, mode, value):
    plant(store, mode=mode, value=value)
    assert_one_miss_then_replaced(store, caplog)


def test_only_text_keys_and_bytes_values_go_in(tmp_path):
    cache = diskcache.Cache(str(tmp_path), disk=BytesDisk)
    for value in ("text", 3, {"a": 1}, bytearray(b"x"), Bomb("x")):
        with pytest.raises(TypeError, match="a value is bytes"):
            cache.set("key", value)
    with pytest.raises(TypeError, match="a value is bytes"):
        cache.set("key", io.BytesIO(b"x"), read=True)
    for key in (b"key", ("a", 1), 7):
        with pytest.raises(TypeError, match="a key is text"):
            cache.set(key, b"value")
    assert len(cache) == 0
    cache.close()


def test_value_files_work_and_stay_inside(tmp_path):
    cache = diskcache.Cache(str(tmp_path), disk=BytesDisk, disk_min_file_size=0)
    cache.set("key", b"value")
    (file,) = tmp_path.rglob("*.val")
    assert cache.get("key") == b"value"
    cache.delete("key")
    assert not file.exists()
    cache.close()
