"""Many rows written in short transactions, with rests in between: whoever else writes waits for one of them at most."""

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

Row = TypeVar("Row")

HELD = 0.01
"""Seconds after which a transaction takes no further row. By the clock, not by the processor's time: a disk or another
process that makes a row slow makes those wait longer who wait for it."""
MOST = 500
"""Rows of one transaction, however fast they are."""
_SHORTEST, _SHARE = 0.005, 2.0


def write_in_portions(
    rows: Iterable[Row],
    transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    write: Callable[[sqlite3.Connection, Row], object],
    between: Callable[[], object] = lambda: None,
    *,
    most: int = MOST,
) -> None:
    """Writes rows one after the other. A kill in the middle leaves the first of them written, each as a whole.

    SQLite lets nobody in who waits, unless it finds the file free when it looks again: after each transaction but the
    last, the file is left free for longer than it was held.

    Args:
        transaction: begins one that writes.
        write: writes one row; of what has to be computed, nothing is left to do.
        between: called after each transaction, with no lock held.
        most: rows of a transaction.
    """
    left = deque(rows)
    while left:
        with transaction() as connection:
            began = time.monotonic()
            for _ in range(most):
                write(connection, left.popleft())
                if not left or time.monotonic() - began >= HELD:
                    break
        held = time.monotonic() - began
        between()
        if left:
            time.sleep(max(_SHORTEST, _SHARE * held))


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction of a connection that begins none by itself; it writes from the beginning."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
