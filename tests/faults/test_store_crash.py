"""The store under kill -9, damage and deletion: no wrong value, no half run, no committed run lost."""

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cache import ResultStore
from tests.cache.samples import assert_same, make_request, make_result, missing_maps
from tests.cache.writer import result_of
from tests.commands import found_here
from tests.faults.kills import Tally, torment
from tests.some import some

ROOT = Path(__file__).parents[2]
REQUEST = make_request()


def test_killed_while_writing(tmp_path):
    """Two writers at once, each killed at some moment of its put loop, twice over."""
    folder = tmp_path / "store"
    committed = set()
    for turn in range(2):
        firsts = (1000 * turn, 1000 * turn + 100)
        writers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.cache.writer", str(folder), str(first)],
                cwd=ROOT,
                env=found_here(),
                stdout=subprocess.PIPE,
                text=True,
            )
            for first in firsts
        ]
        for number, writer in enumerate(writers):
            for _ in range(5 + 3 * number):
                committed.add(int(writer.stdout.readline()))
            # Somewhere within the next put, wherever that is.
            threading.Event().wait(0.004 * turn + 0.003 * number)
            writer.send_signal(signal.SIGKILL)
            committed.update(int(line) for line in writer.stdout.read().split("\n")[:-1])
            assert writer.wait(10) == -signal.SIGKILL

        store = ResultStore(folder)
        for seed in range(1000 * turn, 1000 * (turn + 1)):
            expected = result_of(seed)
            found = store.get(expected.request)
            if found is None:
                assert seed not in committed
                assert missing_maps(store, expected.request) == expected.layers  # all or nothing
                if seed > max(committed):
                    break
            else:
                assert_same(found, expected)
        store.close()
    assert len(committed) >= 2 * (5 + 8), f"{len(committed)} puts were committed before the kills"
    assert not list(folder.rglob("*.val"))


def test_killed_at_random_while_others_write_and_read(tmp_path):
    """A few seconds of what `python -m tests.faults.kills` does for a minute with eight."""
    tally = torment(tmp_path / "store", seconds=4, processes=3, least=50, cut=3)
    assert tally.is_sound and not tally.nothing_proven, tally
    assert tally.cut >= 3, f"{tally.cut} of {tally.kills} kills came within a put"


def test_kills_that_hit_nothing_prove_nothing():
    hit = Tally(kills=2, cut=1, reads=1, committed={1})
    assert hit.is_sound and hit.nothing_proven == ""
    for missed in (replace(hit, cut=0), replace(hit, committed=set()), replace(hit, reads=0)):
        assert missed.nothing_proven.startswith("Nothing was put to the proof: "), missed


@pytest.mark.parametrize("content", [b"not a database, not at all" * 999, b"SQLite format 3\0" + bytes(5000)])
def test_a_broken_database_is_moved_aside(tmp_path, caplog, content):
    folder = tmp_path / "store"
    ResultStore(folder).close()
    (folder / "cache.db").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        store = ResultStore(folder)
    assert len(caplog.records) == 1 and "cache.db.broken-" in caplog.text
    (aside,) = folder.glob("cache.db.broken-*Z")
    assert aside.read_bytes() == content
    assert store.get(REQUEST) is None
    store.put(make_result(REQUEST))
    store.close()
    assert_same(ResultStore(folder).get(REQUEST), make_result(REQUEST))


def test_a_database_of_somebody_else_is_moved_aside(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    with sqlite3.connect(folder / "cache.db") as connection:
        connection.execute("CREATE TABLE Cache (something TEXT)")
    connection.close()
    store = ResultStore(folder)
    store.put(make_result(REQUEST))
    assert_same(store.get(REQUEST), make_result(REQUEST))
    assert len(list(folder.glob("cache.db.broken-*Z"))) == 1
    store.close()


@pytest.mark.parametrize("size", [0, 50_000])
def test_a_truncated_database_never_gives_wrong_values(tmp_path, size):
    folder = tmp_path / "store"
    store = ResultStore(folder)
    results = [result_of(seed) for seed in range(5)]
    for result in results:
        store.put(result)
    store.close()
    os.truncate(folder / "cache.db", size)
    store = ResultStore(folder)
    for result in some(results):
        found = store.get(result.request)
        if found is not None:
            assert_same(found, result)
        store.put(result)
        assert_same(store.get(result.request), result)
    store.close()


def test_damage_under_the_running_store_is_healed_by_the_next_put(tmp_path, caplog):
    folder = tmp_path / "store"
    store = ResultStore(folder)
    store.put(result_of(0))
    store.close()  # brings everything from the log into the database
    store = ResultStore(folder)
    size = (folder / "cache.db").stat().st_size
    with (folder / "cache.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    assert store.get(result_of(0).request) is None
    store.put(result_of(0))
    assert_same(store.get(result_of(0).request), result_of(0))
    assert "moved" in caplog.text or "broken-" in caplog.text
    store.close()


def test_the_folder_deleted_under_the_running_store(tmp_path):
    folder = tmp_path / "store"
    store = ResultStore(folder)
    store.put(make_result(REQUEST))
    store.close()
    shutil.rmtree(folder)
    assert store.get(REQUEST) is None
    store.put(make_result(REQUEST))
    assert_same(store.get(REQUEST), make_result(REQUEST))
    store.close()
