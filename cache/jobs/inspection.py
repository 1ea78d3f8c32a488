"""Which pictures unfinished jobs need, and which rows cannot be read. Changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cache.errors import store_error
from cache.files.sqlite import read_only, rows
from cache.jobs.log import job_of


def waiting_pictures(jobs: Path) -> set[str] | None:
    """The digests of the pictures that unfinished jobs are about, interrupted ones among them.

    None while a row cannot be read, since what it is about is not known.
    """
    what = f"The list of jobs in {jobs}"
    broken = "SELECT EXISTS (SELECT 1 FROM jobs WHERE NOT (typeof(asking) = 'text' AND json_valid(asking)))"
    if rows(jobs, broken, what)[0][0]:
        return None
    unfinished = "FROM (SELECT asking FROM jobs WHERE state IN ('queued', 'running', 'interrupted'))"
    query = (
        f"SELECT json_extract(asking, '$.request.image') {unfinished} UNION "
        f"SELECT value {unfinished}, json_each(asking, '$.request.images')"
    )
    return {str(row[0]) for row in rows(jobs, query, what)}


def unreadable_rows(jobs: Path) -> dict[int, str]:
    """Rows that hold what no job is made of, by their number: why.

    Raises:
        StoreError: the file itself cannot be read.
    """
    found: dict[int, str] = {}
    if not jobs.exists():
        return found
    try:
        with closing(read_only(jobs)) as connection:
            connection.row_factory = sqlite3.Row
            for row in connection.execute("SELECT * FROM jobs"):  # some thousand at most
                try:
                    job_of(row)
                except (ValueError, RecursionError):
                    found[row["id"]] = "asking"
    except sqlite3.Error as error:
        raise store_error(error, f"The list of jobs in {jobs}") from error
    return found
