"""The stored size of every run in the history: right after whatever happens to the results."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import diskcache.core
import pytest

from cache import Filter, Order, ResultStore, RunRecord, keys, run_id
from cache.results import sizes
from cache.results.cleanup import drop_rows, old_rows
from cache.results.sizes import stored_extents
from cache.runs import stored_sizes
from cache.runs.record import to_columns
from cache.runs.stored_sizes import COUNTED, recount, uncounted
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run
from tests.cache.locks import watched_locks
from tests.cache.samples import make_request, make_result, make_run
from tests.clocks import hold


def put(store, history, request: ExplainRequest) -> str:
    for part in whole_run(request):
        store.put(make_result(part))
    history.record(row_of(request))
    return run_id(request)


def row_of(request: ExplainRequest) -> RunRecord:
    return make_run(0, run_id=run_id(request), request=request.to_dict())


def counted(store, history) -> dict[str, int | None]:
    """What the history says, after making sure that it is what the store says."""
    recount(history, store.folder)
    runs = history.find(Filter(), Order(), 1000).runs
    exact = stored_extents(store.folder, [whole_run(ExplainRequest.from_dict(run.request)) for run in runs])
    assert [run.stored for run in runs] == [extent and extent.size for extent in exact]
    return {run.run_id: run.stored for run in runs}


def test_sizes_follow_what_is_put_dropped_and_put_again(store, history):
    whole, part = make_request(), make_request(layers=(0, 1))
    names = [put(store, history, whole), put(store, history, part), put(store, history, make_request(seed=5))]
    before = counted(store, history)
    assert before[names[0]] > before[names[1]] > 0
    store._cache.delete(keys.map_key(whole, 3))
    assert counted(store, history) == {**before, names[0]: None}
    # One map that both share: the other run has lost it, too.
    store._cache.delete(keys.map_key(whole, 0))
    assert counted(store, history) == {names[0]: None, names[1]: None, names[2]: before[names[2]]}
    # Brought back by a request that is no run of the history.
    store.put(make_result(make_request(layers=(0, 1, 2, 3, 4))))
    again = counted(store, history)
    assert again == pytest.approx(before, rel=0.01)  # the pass tells which layers it came with


def test_evicted_by_the_limit(tmp_path, history):
    store = ResultStore(tmp_path / "small", size_limit_bytes=300_000)
    for seed in range(60):
        put(store, history, make_request(seed=seed, layers=tuple(range(20))))
        if seed % 7 == 0:
            counted(store, history)
    found = counted(store, history)
    assert 0 < sum(size is None for size in found.values()) < 60
    latest = run_id(make_request(seed=59, layers=tuple(range(20))))
    assert found[latest] is not None
    stored = history.find(Filter(stored=True), Order("stored"), 100)
    assert stored.total == sum(size is not None for size in found.values())
    assert history.find(Filter(stored=False), Order(), 100).total == 60 - stored.total
    assert history.find(Filter(size=(found[latest], found[latest])), Order(), 100).total > 0
    assert history.find(Filter(size=(found[latest] * 2, None)), Order(), 100).total == 0
    store.close()


def test_cleaned_up_by_another_process(store, history):
    names = [put(store, history, make_request(seed=seed)) for seed in (0, 1)]
    assert None not in counted(store, history).values()
    drop_rows(store.folder, old_rows(store.folder, -1), "cleaned")
    assert counted(store, history) == dict.fromkeys(names)


def test_a_clock_that_was_set_back_hides_nothing(store, history):
    name = put(store, history, make_request())
    assert counted(store, history)[name] > 0
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        connection.execute("UPDATE Cache SET store_time = store_time - 864000")
    drop_rows(store.folder, old_rows(store.folder, 9), "cleaned")
    assert counted(store, history) == {name: None}


def test_expired(tmp_path, history, monkeypatch):
    clock = hold(monkeypatch, diskcache.core, sizes)
    store = ResultStore(tmp_path / "aging", max_age=1.0)
    name = put(store, history, make_request())
    assert counted(store, history)[name] > 0
    clock.forward(1.1)
    store.expire()
    assert counted(store, history) == {name: None}
    store.close()


def test_another_database_than_before_is_counted_from_the_beginning(tmp_path, store, history):
    names = [put(store, history, make_request(seed=seed)) for seed in (0, 1)]
    assert None not in counted(store, history).values()
    other = ResultStore(tmp_path / "other")
    assert counted(other, history) == dict.fromkeys(names)
    assert None not in counted(store, history).values()
    other.close()


def test_runs_from_before_sizes_were_kept_and_those_of_another_version(store, history):
    name = put(store, history, make_request())
    history.record(make_run(7, request={"method": "of the future"}))
    recount(history, store.folder)
    assert history.get(name).stored > 0 and history.get(make_run(7).run_id).stored is None


def test_nothing_is_looked_up_while_nothing_changes(store, history, monkeypatch):
    put(store, history, make_request())
    counted(store, history)

    def fail(request):
        raise AssertionError("counted without need")

    monkeypatch.setattr(stored_sizes, "whole_run", fail)
    recount(history, store.folder)


def test_what_is_not_taken_over_is_told_again(store, history, monkeypatch):
    name = put(store, history, make_request())

    def fail(request):
        raise ZeroDivisionError

    with monkeypatch.context() as counting:
        counting.setattr(stored_sizes, "whole_run", fail)
        with pytest.raises(ZeroDivisionError):
            recount(history, store.folder)
    assert history.get(name).stored is None
    assert counted(store, history)[name] > 0


def test_a_killed_counter_loses_nothing(tmp_path, store, history):
    names = [put(store, history, make_request(seed=seed)) for seed in range(5)]
    program = (
        "import os, signal, sys\n"
        "from cache import RunHistory\n"
        "from cache.runs import stored_sizes\n"
        "stored_sizes._forget = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "stored_sizes.recount(RunHistory(sys.argv[1]), stored_sizes.Path(sys.argv[2]))\n"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "history" / "runs.db"), str(store.folder)]
    root = Path(__file__).parents[3]
    done = subprocess.run(arguments, cwd=root)
    assert done.returncode == -signal.SIGKILL
    assert None not in counted(store, history).values()
    store._cache.delete(keys.pass_key(make_request(seed=2)))
    assert counted(store, history)[names[2]] is None


@pytest.mark.parametrize("how", ["new", "another store", "dropped"])
def test_no_lock_is_held_for_longer_than_a_few_rows(store, history, monkeypatch, how):
    """How each of the three is told; of 100,000 in `tests/dashboard/storage/test_upkeep_of_many.py`."""
    many = 1500
    request = json.dumps(make_request().to_dict(), sort_keys=True)
    for part in whole_run(make_request()):
        store.put(make_result(part))
    with history.connection.transaction() as connection:
        for number in range(many):
            values, details = to_columns(make_run(number))
            names = ", ".join(values)
            slots = ", ".join(f":{name}" for name in values)
            connection.execute(f"INSERT INTO runs ({names}) VALUES ({slots})", values)
            connection.execute(
                "INSERT INTO run_details (id, request, thumbnail, picture_names) VALUES (?, ?, ?, '[]')",
                (number + 1, request, details["thumbnail"]),
            )
        if how != "new":
            connection.execute("DELETE FROM uncounted")
            connection.execute("UPDATE runs SET stored = 1, stored_since = 1000")
            connection.execute("INSERT INTO counted_store SELECT ?", ("another",))
    if how == "dropped":
        with closing(sqlite3.connect(store.folder / "cache.db")) as results, history.connection.transaction() as runs:
            (epoch,) = results.execute("SELECT epoch FROM Journal").fetchone()
            runs.execute("UPDATE counted_store SET epoch = ?", (epoch,))
            runs.execute("UPDATE runs SET stored_since = id")
        drop_rows(store.folder, old_rows(store.folder, -1), "cleaned")
    monkeypatch.setattr(stored_sizes, "whole_run", lambda request: [request])  # what a run consists of takes no lock
    steps = []
    with watched_locks(monkeypatch) as locks:
        assert recount(history, store.folder, between=lambda: steps.append(history.connection._shared._users))
    assert history.find(Filter(stored=how != "dropped"), Order(), 1).total == many
    assert max(lock.rows for lock in locks) <= 500
    assert sum(lock.rows for lock in locks) >= many
    assert max(lock.seconds for lock in locks) < 0.05
    assert set(steps) == {0} and len(steps) >= many // 50


def test_runs_of_one_pass_are_noted_some_at_a_time(store, history, monkeypatch):
    """However many have it: of all that are about the same layers, or by whomever they were asked."""
    request = make_request()
    name = put(store, history, request)
    counted(store, history)
    alike = [(keys.short(keys.pass_key(request)), run) for run in range(2, 1302)]
    with history.connection.transaction() as connection:
        connection.executemany("INSERT INTO run_passes VALUES (?, ?)", alike)
    store.put(make_result(request))
    with watched_locks(monkeypatch) as locks:
        assert recount(history, store.folder)
    assert max(lock.rows for lock in locks) == 500 and uncounted(history) == 0
    assert history.get(name).stored > 0


def test_a_page_counts_a_few_and_leaves_many_to_the_background(store, history):
    names = [put(store, history, make_request(seed=seed)) for seed in range(COUNTED + 3)]
    assert not recount(history, store.folder, most=COUNTED)
    assert uncounted(history) == 3
    assert history.get(names[-1]).stored > 0 and history.get(names[0]).stored is None
    assert recount(history, store.folder, most=COUNTED)
    assert None not in counted(store, history).values()
