"""The hit rate: exact, kept over restarts, shared by processes, and in nobody's way."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from cache import ResultStore
from cache.results import lookups as hits
from cache.results.lookups import LookupCounter, Lookups
from tests.cache.samples import make_request, make_result

ROOT = Path(__file__).parents[3]


def on_disk(store):
    return hits.read_lookups(store.folder / "cache.db")


def test_the_rate_by_hand():
    assert Lookups().rate is None
    assert Lookups(hits=3, misses=1).rate == 0.75


def test_each_question_counts_once_and_a_glance_does_not(store):
    request = make_request()
    assert store.lookups() == Lookups()
    store.get(request)
    store.put(make_result(request))
    store.get(request)
    store.get_all([request])
    store.get_all([request, request.with_method("combined", ())])
    store.get(request, counted=False)
    store.get_part(request)
    assert store.lookups() == Lookups(hits=2, misses=2)


def test_it_outlives_the_process(store, tmp_path):
    store.get(make_request())
    store.close()
    again = ResultStore(tmp_path / "store")
    again.get(make_request())
    assert again.lookups() == Lookups(misses=2)
    again.close()


def test_a_process_that_ends_writes_what_it_has_counted(store):
    code = (
        "import sys; from cache import ResultStore; from tests.cache.samples import make_request\n"
        "store = ResultStore(sys.argv[1])\n"
        "store.get(make_request())\n"
    )
    subprocess.run([sys.executable, "-c", code, str(store.folder)], cwd=ROOT, check=True)
    assert on_disk(store) == Lookups(misses=1)


def test_looking_up_writes_nothing_until_it_is_time(store, monkeypatch):
    for _ in range(50):
        store.get(make_request())
    assert on_disk(store) == Lookups()
    monkeypatch.setattr(hits, "FLUSH_SECONDS", 0.0)
    store.get(make_request())
    assert on_disk(store) == store.lookups() == Lookups(misses=51)


def test_a_put_takes_the_counts_along(store):
    store.get(make_request())
    store.put(make_result(make_request()))
    assert on_disk(store) == Lookups(misses=1)


def test_a_busy_database_is_not_waited_for_and_nothing_is_lost(store, monkeypatch):
    patience, connect = [], sqlite3.connect

    def impatient(*arguments, **options):
        patience.append(options["timeout"])
        return connect(*arguments, **options)

    store.get(make_request())
    with closing(sqlite3.connect(store.folder / "cache.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", impatient)
            store._counter.flush()
        assert 0 < sum(patience) < 2  # seconds, as SQLite is told; a busy machine adds its own
    assert on_disk(store) == Lookups() and store.lookups() == Lookups(misses=1)
    store._counter.flush()
    assert on_disk(store) == Lookups(misses=1)


def test_without_a_database_none_is_made(tmp_path):
    counter = LookupCounter(tmp_path / "cache.db")
    counter.count(True)
    counter.flush()
    assert list(tmp_path.iterdir()) == [] and counter.read() == Lookups(hits=1)


def test_counts_go_on_after_the_folder_was_deleted(store):
    store.get(make_request())
    store.close()
    shutil.rmtree(store.folder)
    store.get(make_request())
    store.put(make_result(make_request()))
    assert on_disk(store) == Lookups(misses=1)


def test_threads_lose_no_count(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.get(make_request()), range(400)))
    assert store.lookups() == Lookups(misses=400)


def test_processes_add_up(store):
    code = (
        "import sys; from cache import ResultStore; from cache.results import lookups as hits\n"
        "from tests.cache.samples import make_request\n"
        "hits.FLUSH_SECONDS = 0\n"
        "store = ResultStore(sys.argv[1])\n"
        "for _ in range(50): store.get(make_request())\n"
        "for _ in range(100): store.close()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(store.folder)], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert store.lookups() == Lookups(misses=200)
