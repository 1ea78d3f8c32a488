"""The upkeep of a running server: everything is done, in steps, by one of several, and it ends with the server."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from cache import StoreError
from cache.files.folders import SETTLED
from cache.files.leases import held
from cache.runs import stored_sizes
from dashboard.storage import upkeep as module
from dashboard.storage.data_folder import count_a_few, count_stored
from dashboard.storage.upkeep import Upkeep
from tests.cache.damage import damage
from tests.cache.samples import make_run
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def run_upkeep():
    """Starts it, and stops it when the test ends."""
    started = []

    def start(*arguments, **options):
        one = Upkeep(*arguments, **options)
        one.start()
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


def test_sizes_are_counted_and_unreadable_rows_found_without_any_page(storage, stored, run_upkeep):
    for number in range(30):
        storage.runs.record(make_run(number))
    name = stored()
    damage(storage.folder / "history" / "runs.sqlite", "run_details", [(3, "request", "{")])
    assert count_a_few(storage) > 0
    run_upkeep(lambda: storage)
    wait_until(lambda: count_a_few(storage) == 0 and storage.damage())
    assert storage.runs.get(name).stored > 0
    assert [one.name for one in storage.damage()] == ["history/row 3 (request)"]


def test_it_stops_between_two_steps_however_much_is_left(storage, run_upkeep):
    for number in range(60):
        storage.runs.record(make_run(number))
    began, go_on = threading.Event(), threading.Event()
    one = Upkeep(lambda: storage)
    between = one._between

    def wait():
        began.set()
        assert go_on.wait(60)
        between()

    one._between = wait
    one.start()
    assert began.wait(60)
    one._stopped.set()
    go_on.set()
    one.stop(60)
    assert not one._thread.is_alive()
    assert count_a_few(storage) > 0


def test_a_failure_is_said_once_and_tried_again(storage, run_upkeep, caplog):
    tries = []

    def open_storage():
        tries.append(1)
        if len(tries) < 4:
            raise StoreError("the disk is full")
        return storage

    storage.runs.record(make_run())
    run_upkeep(open_storage, every=0.01)
    wait_until(lambda: len(tries) >= 5)
    assert caplog.text.count("the disk is full") == 1


def test_what_another_server_counts_is_left_to_it(storage):
    for number in range(3):
        storage.runs.record(make_run(number))
    with held(storage.runs.connection.beside("counting")) as alone:
        assert alone
        assert count_a_few(storage) == 3
        with held(storage.runs.connection.beside("counting")) as second:
            assert not second
    assert count_a_few(storage) == 0


def test_pages_read_on_while_the_upkeep_waits_for_another_server_that_writes(storage, monkeypatch):
    storage.runs.record(make_run())
    begins, go_on, notes = threading.Event(), threading.Event(), stored_sizes._note

    def note(*arguments):
        begins.set()
        assert go_on.wait(PATIENCE)
        notes(*arguments)

    monkeypatch.setattr(stored_sizes, "_note", note)
    counting = threading.Thread(target=count_stored, args=[storage], daemon=True)
    with closing(sqlite3.connect(storage.folder / "history" / "runs.sqlite", isolation_level=None)) as other:
        counting.start()
        assert begins.wait(PATIENCE)
        other.execute("BEGIN IMMEDIATE")
        go_on.set()
        for _ in range(100):
            assert storage.runs.recent(1) == [make_run()]
        assert counting.is_alive() and stored_sizes.uncounted(storage.runs) == 1
        other.execute("ROLLBACK")
    counting.join(PATIENCE)
    assert stored_sizes.uncounted(storage.runs) == 0


def test_half_of_the_time_is_left_to_others(storage, monkeypatch):
    waits = []
    one = Upkeep(lambda: storage)
    one._stopped.wait = lambda seconds: waits.append(seconds)
    moments = iter([10.0, 10.3, 10.6, 11.0])
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    one._step_began = one._emptied = 9.8
    one._between()
    one._between()
    assert waits == pytest.approx([0.2, 0.3])


def test_what_killed_processes_left_goes_while_the_server_runs(storage, run_upkeep, monkeypatch):
    swept = []
    monkeypatch.setattr(module.temporary, "sweep", lambda: swept.append(1))
    monkeypatch.setattr(module, "TIDY_EVERY", 0.0)
    half = storage.pictures.folder / "tmpx.picture.part"
    half.write_bytes(b"half")
    os.utime(half, (time.time() - SETTLED - 9,) * 2)
    run_upkeep(lambda: storage, every=0.001)
    wait_until(lambda: not half.exists() and len(swept) >= 2)


def test_the_log_of_the_history_is_emptied_by_the_upkeep(storage):
    for number in range(300):
        storage.runs.record(make_run(number, thumbnail=bytes(20_000)))
    file = storage.folder / "history" / "runs.sqlite"
    before = file.stat().st_size
    assert file.with_name("runs.sqlite-wal").stat().st_size > 4 * 2**20  # SQLite by itself would have emptied it
    one = Upkeep(lambda: storage)
    one._empty_logs()
    assert file.stat().st_size > before + 4 * 2**20


def test_what_cannot_be_counted_keeps_nobody_from_looking_for_damage(storage, monkeypatch):
    storage.runs.record(make_run(1))
    damage(storage.folder / "history" / "runs.sqlite", "run_details", [(1, "request", "{")])
    one = Upkeep(lambda: storage)

    def fail(*_):
        raise StoreError("The history is damaged.")

    monkeypatch.setattr(module, "count_stored", fail)
    with pytest.raises(StoreError, match="The history is damaged"):
        one.round()
    assert [each.name for each in storage.damage()] == ["history/row 1 (request)"]


def test_a_look_for_damage_that_fails_is_taken_again_in_the_next_round(storage, monkeypatch):
    looks = []

    def fail_once(folder, between):
        looks.append(folder)
        if len(looks) == 1:
            raise StoreError("The history is held by another program.")
        return {"history": ["row 7 (tags)"]}

    monkeypatch.setattr(module, "scan", fail_once)
    one = Upkeep(lambda: storage)
    with pytest.raises(StoreError):
        one.round()
    for _ in range(2):
        one.round()
    assert len(looks) == 2 and [each.name for each in storage.damage()] == ["history/row 7 (tags)"]
