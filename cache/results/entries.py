"""Entries of the result store: bytes under keys, written in transactions, through damage and a lost file."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import diskcache

from cache.errors import CorruptEntry, StoreError, is_damage, sqlite_code, store_error
from cache.files.folders import alone, make_private
from cache.files.losses import identity, leave_behind, log_identities
from cache.results import codec
from cache.results.change_log import because
from cache.results.database import count_entries, open_cache, read_bounded, stay_connected
from cache.results.disk import describe, results_database

logger = logging.getLogger(__name__)

Entry = TypeVar("Entry")
Row = tuple[str, str, bytes]
"""The key, kind and bytes of an entry."""

_FAILURES = (sqlite3.Error, diskcache.Timeout, OSError)
# The database file is broken, or somebody deleted it under the running program: begin a fresh one.
_REOPEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_ERROR}

_MOST_FILES = 3
"""Files into which something is written, each deleted before that was done, before a put gives up."""


class EntryStore:
    """One process-wide store of entries, shared by its threads; other processes may share the folder.

    Args:
        folder: a folder of its own on a local disk, created with mode 0700.
        size_limit_bytes: beyond it, what was stored longest ago is evicted.
        max_age: seconds after which what was stored is dropped, before this opening or after; None for never.
        timeout: seconds to wait for another process that writes.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        size_limit_bytes: int = 2**30,
        max_age: float | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._size_limit = size_limit_bytes
        self._max_age = max_age
        self._timeout = timeout
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._open(folder)

    def read(self, key: str, decode: Callable[[str, bytes], Entry]) -> Entry | None:
        """What is stored under a key, decoded; None where nothing is or it cannot be read. Never raises."""
        try:
            cache = self._current()
            data = read_bounded(cache, key)
            return None if data is None else decode(key, data)
        except CorruptEntry as error:
            logger.warning("The stored entry %s is dropped: %s.", key, error)
            # Dropped at once, or every rerun of a page would log it again.
            with suppress(KeyError, *_FAILURES), cache.transact(), because(cache._sql, "damaged"):
                cache.delete(key)
        except (StoreError, *_FAILURES) as error:
            logger.warning("The result store could not be read: %s.", error)
        return None

    def write(self, rows: Sequence[Row], counts: Mapping[str, int] | None = None) -> None:
        """Stores entries, all of them or nothing.

        Args:
            rows: in the order in which they are evicted later.
            counts: a number of samples to be added to the list under each of these keys.

        What was written into a file that was deleted or replaced meanwhile is written once more, into the new one.

        Raises:
            StoreError: nothing could be stored; the sentence says why and what to do.
        """
        with self._writing:
            try:
                for _ in range(_MOST_FILES):
                    self._current()
                    self._commit_or_reopen(rows, counts or {})
                    if self.is_current():
                        return
                raise StoreError(f"{describe(self.folder)} is deleted again and again. Leave the folder alone.")
            except _FAILURES as error:
                raise store_error(error, describe(self.folder)) from error

    def expire(self) -> None:
        """Drops what is older than the age limit. Every put does, too; this is for a list of what is stored now."""
        if self._max_age is None:
            return
        try:
            self._current().expire()
        except _FAILURES as error:
            logger.warning("What is too old could not be dropped: %s.", error)

    def volume(self) -> int:
        """Bytes on disk.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return self._current().volume()
        except _FAILURES as error:
            raise store_error(error, describe(self.folder)) from error

    def counts(self) -> dict[str, int]:
        """Stored entries by kind: "layer", "pass", "answer", "report", "counts" and "arrays".

        Raises:
            StoreError: the database cannot be read.
        """
        kinds = ("layer", "pass", "answer", "report", "counts", "arrays")
        return dict.fromkeys(kinds, 0) | count_entries(self.folder)

    def check(self) -> None:
        """Stores something, reads it back and drops it.

        Raises:
            StoreError: that does not work; the sentence says why.
        """
        self._cache.close()  # a connection that is open goes on with a file that was taken away
        key, values = f"probe:{uuid4().hex}", {"written": time.time()}
        self.write([(key, "report", codec.encode_report(key, values))])
        found = self.read(key, codec.decode_report)
        with suppress(*_FAILURES):
            self._cache.delete(key)
        if found != values:
            raise StoreError(f"{describe(self.folder)} does not give back what was just put into it.")

    def close(self) -> None:
        """Closes this thread's connection; a later call opens it again."""
        self._staying.close()
        self._cache.close()

    def is_current(self) -> bool:
        """Whether the open database is the one that lies there under its name."""
        return identity(results_database(self.folder)) == self._identity

    def _open(self, folder: str | Path, *, discard: bool = False) -> None:
        self._cache = open_cache(folder, self._size_limit, self._max_age, self._timeout, discard=discard)
        self.folder = Path(self._cache.directory)
        self._staying = stay_connected(self.folder)
        database = results_database(self.folder)
        self._identity, self._logs = identity(database), log_identities(database)

    def _current(self) -> diskcache.Cache:
        """The open database; where it was deleted or replaced meanwhile, the one that lies there now, or a fresh one.

        Raises:
            StoreError: that one cannot be opened.
        """
        if self.is_current():
            return self._cache
        with self._opening:
            if not self.is_current():  # unless another thread was first
                make_private(self.folder)
                # Before the old one is closed: as long as it is open, no other file has its number.
                with alone(self.folder):
                    if self._identity is not None:
                        leave_behind(results_database(self.folder), self._identity, self._logs)
                staying = self._staying
                self._open(self.folder)
                staying.close()
        return self._cache

    def _commit_or_reopen(self, rows: Sequence[Row], counts: Mapping[str, int]) -> None:
        try:
            return self._commit(rows, counts)
        except _FAILURES as error:
            if sqlite_code(error) not in _REOPEN:
                raise
        # Another process may have begun a fresh database already: only damage that is still there
        # after opening again is moved aside.
        self._open(self.folder)
        try:
            return self._commit(rows, counts)
        except _FAILURES as error:
            if not is_damage(error):
                raise
        self._open(self.folder, discard=True)
        return self._commit(rows, counts)

    def _commit(self, rows: Sequence[Row], counts: Mapping[str, int]) -> None:
        cache = self._cache
        try:
            with cache.transact():
                for key, kind, data in rows:
                    cache.set(key, data, self._max_age, tag=kind)
                # Read in the transaction that writes, or of two processes one would undo the other's. Written
                # last, hence evicted after every pass that it names.
                for key, count in counts.items():
                    known = self.read(key, codec.decode_counts) or ()
                    data = codec.encode_counts(key, tuple(sorted({*known, count})))
                    cache.set(key, data, self._max_age, tag="counts")
        except BaseException:
            # diskcache rolls back when a statement fails, not when COMMIT does (a full disk): the
            # connection would hold the write lock for ever. Closing it rolls back in every case.
            cache.close()
            raise
        try:
            cache.cull()
        except _FAILURES as error:
            logger.warning("The result store could not be kept below its size limit: %s.", error)
