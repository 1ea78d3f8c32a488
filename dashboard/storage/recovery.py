"""Which histories of a data folder are damaged, and bringing back what can be read of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cache import RunHistory
from cache.errors import store_error
from cache.files.folders import alone, move_aside, refuse_other, unused
from cache.files.sqlite import structure_problem
from cache.runs.recovery import Recovered, recover
from cache.runs.stored_sizes import recount
from cache.runs.unlisted import unlisted_runs
from dashboard.storage.data_folder import history_file, jobs_file, note_missing
from dashboard.storage.maintenance import stored_results


def damaged_histories(folder: Path) -> list[Path]:
    """Histories that were set aside, the latest first: of a run that several have, the latest row counts."""
    history = history_file(folder)
    found = history.parent.glob(f"{history.name}.broken-*Z")
    return sorted(filter(Path.is_file, found), key=lambda path: path.name.rpartition("broken-")[2], reverse=True)


def set_present_aside(folder: Path) -> list[Path]:
    """Sets history and list of jobs aside where they are damaged; returns what they are called now.

    Raises:
        StoreError: a server uses them, or something else lies in their place.
    """
    aside = []
    for file, what, table in ((history_file(folder), "history", "runs"), (jobs_file(folder), "list of jobs", "jobs")):
        refuse_other(file)
        if structure_problem(file, f"The {what}", table) is not None:
            with unused(folder, f"The damaged {what} in {file}"), alone(file.parent):
                aside.append(move_aside(file))
    return aside


def list_stored_runs(folder: Path, private_to: str) -> int:
    """Lists the runs that are stored and in no history; returns how many. See `cache.runs.unlisted`.

    Args:
        private_to: who alone sees them; "" for everybody.

    Raises:
        StoreError: nothing is stored, or history or results cannot be used.
    """
    results = stored_results(folder)
    with closing(RunHistory(history_file(folder))) as history:
        recount(history, results)  # so that it is known which passes belong to listed runs
        return sum(sum(history.add_missing([run])) for run in unlisted_runs(history, results, private_to))


def recover_all(folder: Path) -> Iterator[tuple[Path, Recovered]]:
    """Brings what can be read of every damaged history into the present one; a server may run meanwhile.

    Raises:
        StoreError: the present history cannot be written, or a damaged file not be read.
    """
    note_missing(folder)
    set_present_aside(folder)
    with closing(RunHistory(history_file(folder))) as history:
        for damaged in damaged_histories(folder):
            try:
                yield damaged, recover(history, damaged)
            except (OSError, sqlite3.Error) as error:
                raise store_error(error, f"The damaged history {damaged}") from error
