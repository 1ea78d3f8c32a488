"""100,000 runs are migrated, counted, cleaned away and counted again, and others go on: no lock is long.

What it means for those who wait measures `python -m tests.benchmarks.maintenance`.
"""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from functools import lru_cache, partial
from pathlib import Path

import pytest

from cache import Change, Filter, Order, keys
from cache.runs import migrations, stored_sizes
from cache.runs.stored_sizes import uncounted
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.storage import upkeep
from dashboard.storage.data_folder import count_stored, history_file, results_folder
from dashboard.storage.maintenance import clean, plan_cleaning
from dashboard.storage.upkeep import Upkeep
from tests.cache.beside import SEED
from tests.cache.locks import watched_locks
from tests.cache.samples import make_request, make_result, make_run, total
from tests.processes import end_with_parent
from tests.waiting import wait_until

RUNS = 100_000
TRASHED = 1_000
LONGEST = 0.05
"""Seconds for which a lock may be held."""
MOST_ROWS = 2_000
"""Rows that may be written under one lock, those of triggers and of indexes of texts among them."""
DAY = 24 * 3600.0
ROOT = Path(__file__).parents[3]


def build_history(file: Path) -> None:
    """A history of the first version, whose runs are alike but for their names and times.

    Without the text index of that version, which its migration makes anew whatever it holds.
    """
    file.parent.mkdir(parents=True, mode=0o700)
    run = make_run()
    alike = {
        **{name: getattr(run, name) for name in ("image", "picture_name", "prompt", "answer", "model_name", "method")},
        "request": json.dumps(run.request, sort_keys=True),
        "num_samples": run.num_samples,
        "duration": run.duration,
        "thumbnail": run.thumbnail,
    }
    names = ("id", "run_id", "created", "updated", *alike)
    rows = ((number, f"{number:016x}", number, number, *alike.values()) for number in range(1, RUNS + 1))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            triggers = [statement for statement in migrations.MIGRATIONS[0] if "TRIGGER" in statement]
            for statement in migrations.MIGRATIONS[0]:
                if statement not in triggers:
                    connection.execute(statement)
            slots = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO runs ({', '.join(names)}) VALUES ({slots})", rows)
            for statement in triggers:
                connection.execute(statement)
            connection.execute("PRAGMA user_version = 1")


def fill_results(store) -> None:
    """What every run consists of, and as many entries that none needs, all stored ten days ago."""
    for part in whole_run(make_request()):
        store.put(make_result(part))
    columns = "key, raw, store_time, access_time, access_count, tag, size, mode, filename, value"
    rows = ((f"old {number}", number) for number in range(RUNS))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        connection.executemany(
            f"INSERT INTO Cache ({columns}) VALUES (?, 1, ?, 0, 0, 'layer', 0, 1, NULL, x'00')", rows
        )
        connection.execute("UPDATE Cache SET store_time = unixepoch() - ?", (10 * DAY,))


@pytest.fixture
def beside(tmp_path):
    """Starts `tests.cache.beside` and gives how many turns it has had; fails at the end where one was refused."""
    started = []

    def start(*arguments):
        log = tmp_path / f"{arguments[0]}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.cache.beside", *map(str, arguments)],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent,
            )
        started.append((process, log))

        def turns() -> int:
            assert process.poll() is None, log.read_text()
            return log.read_bytes().count(b"\n")

        wait_until(lambda: turns() > 0)
        return turns

    yield start
    for process, log in started:
        assert process.poll() is None, log.read_text()
        process.kill()
        process.wait()


@contextmanager
def going_on(*others):
    """Holds that each of the others has had turns while something was done."""
    before = [turns() for turns in others]
    yield
    assert all(turns() > had + 1 for turns, had in zip(others, before, strict=True))


def hold(locks, most: int, rows: int) -> None:
    """Holds that no lock since the last look was long, and that there were enough of them for so many rows."""
    assert max(lock.seconds for lock in locks) <= LONGEST, max(locks, key=lambda lock: lock.seconds)
    assert max(lock.rows for lock in locks) <= MOST_ROWS, max(locks, key=lambda lock: lock.rows)
    written = [lock for lock in locks if lock.rows]
    assert len(written) >= rows // most and sum(lock.rows for lock in written) >= rows
    locks.clear()


def test_no_lock_is_long_while_a_hundred_thousand_runs_are_looked_after(data_folder, monkeypatch, beside):
    file, results = history_file(data_folder), results_folder(data_folder)
    build_history(file)
    readers = [beside("read", file)]

    # A migration is one transaction: whoever reads goes on, pages say what is going on, and nobody waits for it.
    with going_on(*readers):
        assert resources.migrating() == RUNS
        wait_until(lambda: not resources.migrating())

    # What a run consists of is worked out with no lock held, and here once for all.
    monkeypatch.setattr(stored_sizes, "_consists_of", lru_cache(stored_sizes._consists_of))
    monkeypatch.setattr(keys, "pass_key", lru_cache(keys.pass_key))
    monkeypatch.setattr(keys, "map_keys", lru_cache(keys.map_keys))
    monkeypatch.setattr(upkeep, "SHARE", 0.9)  # fewer rests than others are left in truth
    resources.storage.clear()
    with watched_locks(monkeypatch) as locks:
        storage = resources.storage()
        fill_results(storage.results)
        others = [*readers, beside("write", file, results)]
        one = Upkeep(lambda: storage)
        locks.clear()

        with going_on(*others):
            assert count_stored(storage, one._between)
        hold(locks, 500, 2 * RUNS)
        assert total(storage.runs, stored=True) == RUNS and uncounted(storage.runs) == 0

        with going_on(*others):
            plan = plan_cleaning(data_folder, days=1)
            clean(data_folder, plan)
        assert len(plan.old) > RUNS
        hold(locks, 200, RUNS)

        # One of the two passes that every run consists of: what is dropped and what is written concerns all of them.
        storage.results.put(make_result(whole_run(make_request())[1]))
        locks.clear()
        with going_on(*others):
            assert count_stored(storage, one._between)
        hold(locks, 500, 2 * RUNS)
        assert total(storage.runs, stored=False) == RUNS and uncounted(storage.runs) == 0

        names = [run.record_id for run in storage.runs.find(Filter(), Order("created", False), TRASHED).runs]
        storage.runs.write(names, Change(trash=True))
        locks.clear()
        with going_on(*others):
            assert [run.record_id for run in storage.runs.empty_trash()] == names
        hold(locks, 5, TRASHED)

    done = others[1]()
    latest = storage.runs.recent(1)[0]
    assert total(storage.runs) == RUNS - TRASHED and int(latest.note.removeprefix("turn ")) >= done - 1
    stored = partial(storage.results.get, counted=False)
    assert all(stored(make_request(seed=SEED + turn)) is not None for turn in range(done))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        connection.execute("INSERT INTO runs_text (runs_text, rank) VALUES ('integrity-check', 1)")
