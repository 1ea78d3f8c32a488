"""The result store: what was computed once is read back, layer by layer, without a model.

A run is one entry per layer, one for its pass (answer, grid, timings) and one for the answer, all
written in one transaction. A request is a hit when its pass and all its layers are there, whichever
requests brought them. A list per pass of the sample counts that were stored lets a larger run go on
from a smaller one (`cache.results.coverage`); what it names may be gone, and without it they are not found.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import diskcache

from cache import keys
from cache.errors import CorruptEntry, StoreError, is_damage, sqlite_code, store_error
from cache.results import codec
from cache.results.assembly import from_entries, to_entries
from cache.results.change_log import because
from cache.results.database import count_entries, keep_open, open_cache, read_bounded
from cache.results.disk import describe, results_database
from cache.results.lookups import LookupCounter, Lookups
from core.schema import Answer, ExplainRequest, ExplainResult, gather

logger = logging.getLogger(__name__)

Entry = TypeVar("Entry")

_FAILURES = (sqlite3.Error, diskcache.Timeout, OSError)
# The database file is broken, or somebody deleted it under the running program: begin a fresh one.
_REOPEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_ERROR}


class ResultStore:
    """One process-wide store of results, shared by its threads; other processes may share the folder.

    Reading never raises: what cannot be read is a miss and a line in the log.

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
        self._open(folder)
        self._counter = LookupCounter(results_database(self.folder))

    def get(self, request: ExplainRequest, *, counted: bool = True) -> ExplainResult | None:
        """The stored result for exactly `request`, bit for bit as computed, or None.

        Args:
            counted: whether it is somebody's question and counts in `lookups`, or a page just looks.
        """
        part = self.get_part(request)
        found = part if part is not None and part.request.maps == request.maps else None
        if counted:
            self._counter.count(found is not None)
        return found

    def get_all(self, requests: Sequence[ExplainRequest]) -> ExplainResult | None:
        """The stored results of several methods and pictures for one question, gathered.

        None unless all are there and agree.
        """
        results = [self.get(request, counted=False) for request in requests]
        found = all(result is not None and result.answer == results[0].answer for result in results)
        self._counter.count(found)
        return gather(results) if found else None

    def lookups(self) -> Lookups:
        """How many questions were looked up here, by every process, and how many were stored."""
        return self._counter.read()

    def get_part(self, request: ExplainRequest) -> ExplainResult | None:
        """The stored layers among those asked for, as a result of their own, or None if there are none."""
        common = self._read(keys.pass_key(request), codec.decode_pass)
        if common is None:
            return None
        answer = codec.answer_digest(common.answer)
        fitting = {}
        for layer, key in keys.map_keys(request).items():
            entry = self._read(key, partial(_decode_layer, request))
            # A map of another answer (another device can generate one) is no part of this result.
            if entry is not None and entry.answer == answer and entry.heat.shape == common.grid:
                fitting[layer] = entry
        if not fitting:
            return None
        found = request if len(fitting) == len(request.maps) else request.for_layers(tuple(fitting))
        return from_entries(found, common, list(fitting.values()))

    def put(self, result: ExplainResult) -> ExplainRequest:
        """Stores every layer of `result`, its companions and those of its other pictures, their passes and answer.

        All of them or nothing.

        Returns:
            The request under which it is found again. A run that was stopped after k samples equals a
            run of k samples (each sample's noise is seeded by its number) and is stored as one.

        Raises:
            StoreError: nothing could be stored; the sentence says why and what to do.
        """
        rows: list[tuple[str, str, bytes]] = []
        counts: dict[str, int] = {}
        of_each_picture = reversed(result.pictures or (result,))
        for each in [held for one in of_each_picture for held in (*one.companions.values(), one)]:
            request = each.request
            if request.noise_std > 0:  # without noise the engine takes one sample, whatever was asked
                request = replace(request, num_samples=each.num_samples)
                counts[keys.counts_key(request)] = each.num_samples
            common, layers = to_entries(replace(each, request=request), codec.answer_digest(each.answer))
            entries = zip(keys.map_keys(request).values(), layers, strict=True)
            rows += [(key, "layer", codec.encode_layer(key, entry)) for key, entry in entries]
            # After its layers, hence evicted after them: layers without their pass would be dead weight.
            key = keys.pass_key(request)
            rows.append((key, "pass", codec.encode_pass(key, common)))
        key = keys.answer_key(request)
        rows.append((key, "answer", codec.encode_answer(key, result.answer)))
        self._write(rows, counts)
        return request

    def sample_counts(self, request: ExplainRequest) -> tuple[int, ...]:
        """With how many samples the request's pass was stored, ascending; some may have been evicted since."""
        if request.noise_std == 0:
            return ()
        return self._read(keys.counts_key(request), codec.decode_counts) or ()

    def get_report(self, name: str, request: ExplainRequest) -> dict[str, Any] | None:
        """What was stored about `request` under `name`, or None."""
        return self._read(keys.report_key(name, request), codec.decode_report)

    def put_report(self, name: str, request: ExplainRequest, values: dict[str, Any]) -> None:
        """Stores plain JSON values about `request` under `name`.

        Raises:
            StoreError: they could not be stored; the sentence says why and what to do.
        """
        key = keys.report_key(name, request)
        self._write([(key, "report", codec.encode_report(key, values))])

    def get_answer(self, request: ExplainRequest) -> Answer | None:
        """The answer generated for the picture, prompt and model of `request`, whatever its method."""
        return self._read(keys.answer_key(request), codec.decode_answer)

    def put_answer(self, request: ExplainRequest, answer: Answer) -> None:
        """Stores the generated answer.

        Raises:
            StoreError: it could not be stored; the sentence says why and what to do.
        """
        key = keys.answer_key(request)
        self._write([(key, "answer", codec.encode_answer(key, answer))])

    def expire(self) -> None:
        """Drops what is older than the age limit. Every put does, too; this is for a list of what is stored now."""
        if self._max_age is None:
            return
        try:
            self._cache.expire()
        except _FAILURES as error:
            logger.warning("What is too old could not be dropped: %s.", error)

    def volume(self) -> int:
        """Bytes on disk.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return self._cache.volume()
        except _FAILURES as error:
            raise store_error(error, describe(self.folder)) from error

    def counts(self) -> dict[str, int]:
        """Stored entries by kind: "layer", "pass", "answer", "report" and "counts".

        Raises:
            StoreError: the database cannot be read.
        """
        return {"layer": 0, "pass": 0, "answer": 0, "report": 0, "counts": 0} | count_entries(self.folder)

    def check(self) -> None:
        """Stores something, reads it back and drops it.

        Raises:
            StoreError: that does not work; the sentence says why.
        """
        self._cache.close()  # a connection that is open goes on with a file that was taken away
        key, values = f"probe:{uuid4().hex}", {"written": time.time()}
        self._write([(key, "report", codec.encode_report(key, values))])
        found = self._read(key, codec.decode_report)
        with suppress(*_FAILURES):
            self._cache.delete(key)
        if found != values:
            raise StoreError(f"{describe(self.folder)} does not give back what was just put into it.")

    def close(self) -> None:
        """Closes this thread's connection; a later call opens it again."""
        self._counter.flush()
        self._kept.close()
        self._cache.close()

    def _open(self, folder: str | Path, *, discard: bool = False) -> None:
        self._cache = open_cache(folder, self._size_limit, self._max_age, self._timeout, discard=discard)
        self.folder = Path(self._cache.directory)
        self._kept = keep_open(self.folder)

    def _read(self, key: str, decode: Callable[[str, bytes], Entry]) -> Entry | None:
        cache = self._cache
        try:
            data = read_bounded(cache, key)
            return None if data is None else decode(key, data)
        except CorruptEntry as error:
            logger.warning("The stored entry %s is dropped: %s.", key, error)
            # Dropped at once, or every rerun of a page would log it again.
            with suppress(KeyError, *_FAILURES), cache.transact(), because(cache._sql, "damaged"):
                cache.delete(key)
        except _FAILURES as error:
            logger.warning("The result store could not be read: %s.", error)
        return None

    def _write(self, rows: list[tuple[str, str, bytes]], counts: dict[str, int] | None = None) -> None:
        with self._writing:
            try:
                self._commit_or_reopen(rows, counts or {})
            except _FAILURES as error:
                raise store_error(error, describe(self.folder)) from error
        self._counter.flush()

    def _commit_or_reopen(self, rows: list[tuple[str, str, bytes]], counts: dict[str, int]) -> None:
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

    def _commit(self, rows: list[tuple[str, str, bytes]], counts: dict[str, int]) -> None:
        cache = self._cache
        try:
            with cache.transact():
                for key, kind, data in rows:
                    cache.set(key, data, self._max_age, tag=kind)
                # Read in the transaction that writes, or of two processes one would undo the other's. Written
                # last, hence evicted after every pass that it names.
                for key, count in counts.items():
                    known = self._read(key, codec.decode_counts) or ()
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


def _decode_layer(request: ExplainRequest, key: str, data: bytes) -> codec.LayerEntry:
    entry = codec.decode_layer(key, data)
    # Without noise, one sample answers for any number of them.
    if request.noise_std > 0 and entry.num_samples != request.num_samples:
        raise CorruptEntry(f"it is the mean of {entry.num_samples} samples, not of {request.num_samples}")
    return entry
