"""What servers were asked to compute and have not finished: one row per job, so that a restart forgets nothing."""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from cache.files.folders import absolute
from cache.files.shared_connection import SharedConnection
from cache.files.sqlite import check_file, open_file, storable
from cache.jobs.leases import Lease

logger = logging.getLogger(__name__)

JobState = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]

_LATEST = 253402300799  # the last second of the year 9999

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

    Attributes:
        unreadable: rows that were met and hold what no job is made of, by their number: what of them.

    Raises:
        StoreError: here and in every method, when the file cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = file = absolute(path)
        self._shared = SharedConnection(
            file, "The list of jobs", lambda: open_file(file, "The list of jobs", "jobs", MIGRATIONS, _TIMEOUT)
        )
        self.unreadable: dict[int, str] = {}
        self._losses = 0
        # Rows of this server's jobs, for a file that is lost before they are done.
        self._unfinished: dict[str, tuple[Any, ...]] = {}
        self._lease = Lease(self._path)
        self._lease.sweep()

    @property
    def damaged(self) -> bool:
        """Whether a page of the open file was met that cannot be read."""
        return self._shared.damaged

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any row."""
        check_file(self._path, "The list of jobs", "jobs")

    def begin(self, job_id: str, person: str, asking: dict[str, Any]) -> None:
        """A job that this server has queued; an earlier row of the same name is replaced."""
        now = time.time()
        values = (storable(job_id), storable(person), now, now, json.dumps(asking))
        with self._statements() as connection:
            _begin(connection, self._lease.name, values)
            self._unfinished[values[0]] = values

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
                self._unfinished.pop(storable(job_id), None)
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
        return None if row is None else self._read(row)

    def interrupted(self) -> list[JobRow]:
        """Jobs whose server ended before they did, first asked first."""
        self._find_interrupted()
        with self._statements() as connection:
            rows = connection.execute("SELECT * FROM jobs WHERE state = 'interrupted' ORDER BY id").fetchall()
        return [job for row in rows if (job := self._read(row)) is not None]

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
        self._lease.release()
        self._shared.close()

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

    def _read(self, row: sqlite3.Row) -> JobRow | None:
        """The job of a row; None where it cannot be read, which is noted."""
        try:
            job = job_of(row)
        except (ValueError, RecursionError) as error:
            if row["id"] not in self.unreadable:
                logger.error("Row %d of the list of jobs in %s cannot be read: %s.", row["id"], self._path, error)
            self.unreadable[row["id"]] = "asking"
            return None
        return job

    @contextmanager
    def _statements(self) -> Iterator[sqlite3.Connection]:
        with self._shared.statements() as connection:
            if self._losses != self._shared.losses:
                self._losses = self._shared.losses
                # The sign of life lay beside the file, and what goes on is written down once more.
                self._lease.release()
                self._lease = Lease(self._path)
                for values in self._unfinished.values():
                    _begin(connection, self._lease.name, values)
            yield connection


def _begin(connection: sqlite3.Connection, server: str, values: tuple[Any, ...]) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO jobs (server, state, job_id, person, asked, changed, asking) "
        "VALUES (?, 'queued', ?, ?, ?, ?, ?)",
        (server, *values),
    )


def job_of(row: sqlite3.Row) -> JobRow:
    """The job that a row holds; a damaged page or another program leaves anything in a column.

    Raises:
        ValueError: a column holds what a job cannot have there.
    """
    values = {name: value for name, value in dict(row).items() if name not in ("id", "server")}
    asking = json.loads(values["asking"]) if isinstance(values["asking"], str) else None
    job = JobRow(**{**values, "asking": asking})
    sound = (
        isinstance(job.asking, dict)
        and all(isinstance(text, str) for text in (job.job_id, job.person, job.problem))
        and job.state in get_args(JobState)
        and all(isinstance(at, float | int) and 0 <= at <= _LATEST for at in (job.asked, job.changed))
        and all(isinstance(count, int) for count in (job.done, job.total))
    )
    if not sound:
        raise ValueError("a column holds what a job cannot have there")
    return job
