"""What servers were asked to compute and have not finished: one row per job, so that a restart forgets nothing."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cache.errors import store_error
from cache.files.sqlite import check_file, open_file, storable
from cache.jobs.leases import Lease

JobState = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]

KEPT = 1000
"""Rows of ended jobs that are kept, the latest."""

_TIMEOUT = 5.0
"""Seconds to wait for another server that writes: pages wait as long."""

MIGRATIONS = (
    (
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            person TEXT NOT NULL,
            server TEXT NOT NULL,
            asked REAL NOT NULL,
            changed REAL NOT NULL,
            asking TEXT NOT NULL,
            done INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0,
            problem TEXT NOT NULL DEFAULT ''
        )
        """,
        "CREATE INDEX jobs_state ON jobs (state, id)",
    ),
)


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One job as it was last written down.

    Attributes:
        job_id: the name of its run, or of its study.
        state: "interrupted" is a job whose server ended before it did.
        person: who asked first; "" for nobody in particular.
        asked, changed: when it was asked and last written down, seconds since 1970 (UTC).
        asking: what is needed to ask it again, JSON.
        done, total: noise samples, or steps of a study.
        problem: why it failed.
    """

    job_id: str
    state: JobState
    person: str
    asked: float
    changed: float
    asking: dict[str, Any]
    done: int = 0
    total: int = 0
    problem: str = ""


class JobLog:
    """Job rows in a SQLite file, shared by the threads of a server and by several servers.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.

    Raises:
        StoreError: here and in every method, when the file cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = threading.RLock()
        self._connection = open_file(path, "The list of jobs", MIGRATIONS, _TIMEOUT)
        self._lease = Lease(self._path)
        self._lease.sweep()

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any row."""
        check_file(self._path, "The list of jobs", "jobs")

    def begin(self, job_id: str, person: str, asking: dict[str, Any]) -> None:
        """A job that this server has queued; an earlier row of the same name is replaced."""
        now = time.time()
        values = (storable(job_id), "queued", storable(person), self._lease.name, now, now, json.dumps(asking))
        with self._statements() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO jobs (job_id, state, person, server, asked, changed, asking) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def note(self, job_id: str, state: JobState, done: int = 0, total: int = 0, problem: str = "") -> None:
        """Where one of this server's jobs stands now; a row that another server has taken over is left alone."""
        values = (state, done, total, storable(problem), time.time(), storable(job_id), self._lease.name)
        with self._statements() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, done = ?, total = ?, problem = ?, changed = ? "
                "WHERE job_id = ? AND server = ?",
                values,
            )
            if state not in ("queued", "running"):
                connection.execute(
                    "DELETE FROM jobs WHERE state IN ('done', 'cancelled', 'failed') AND id <= "
                    "(SELECT id FROM jobs WHERE state IN ('done', 'cancelled', 'failed') "
                    "ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    (KEPT,),
                )

    def get(self, job_id: str) -> JobRow | None:
        """The job of that name, or None."""
        self._find_interrupted()
        with self._statements() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE job_id = ?", (storable(job_id),)).fetchone()
        return None if row is None else _row(row)

    def interrupted(self) -> list[JobRow]:
        """Jobs whose server ended before they did, first asked first."""
        self._find_interrupted()
        with self._statements() as connection:
            rows = connection.execute("SELECT * FROM jobs WHERE state = 'interrupted' ORDER BY id").fetchall()
        return [_row(row) for row in rows]

    def forget(self, job_id: str) -> bool:
        """Removes an interrupted job; returns whether there was one of that name."""
        with self._statements() as connection:
            return (
                connection.execute(
                    "DELETE FROM jobs WHERE job_id = ? AND state = 'interrupted'", (storable(job_id),)
                ).rowcount
                > 0
            )

    def close(self) -> None:
        """Closes the file; jobs of this process that are not done count as interrupted from now on."""
        with self._lock:
            self._lease.release()
            self._connection.close()

    def _find_interrupted(self) -> None:
        """Marks the unfinished jobs of servers that are no more."""
        unfinished = "state IN ('queued', 'running')"
        with self._statements() as connection:
            servers = connection.execute(f"SELECT DISTINCT server FROM jobs WHERE {unfinished}").fetchall()
            for (name,) in servers:
                if not self._lease.is_alive(name):
                    connection.execute(
                        f"UPDATE jobs SET state = 'interrupted' WHERE {unfinished} AND server = ?", (name,)
                    )

    @contextmanager
    def _statements(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise store_error(error, f"The list of jobs in {self._path}") from error


def _row(row: sqlite3.Row) -> JobRow:
    values = dict(row)
    for name in ("id", "server"):
        del values[name]
    return JobRow(**{**values, "asking": json.loads(values["asking"])})
