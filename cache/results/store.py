"""The result store: what was computed once is read back, layer by layer, without a model.

A run is one entry per layer, one for its pass (answer, grid, timings) and one for the answer, all
written in one transaction. A request is a hit when its pass and all its layers are there, whichever
requests brought them. A list per pass of the sample counts that were stored lets a larger run go on
from a smaller one (`cache.results.coverage`); what it names may be gone, and without it they are not found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cache import keys
from cache.errors import CorruptEntry
from cache.results import codec
from cache.results.assembly import from_entries, to_entries
from cache.results.disk import results_database
from cache.results.entries import EntryStore, Row
from cache.results.lookups import LookupCounter, Lookups
from core.schema import Answer, ExplainRequest, ExplainResult, gather


class ResultStore(EntryStore):
    """One process-wide store of results, shared by its threads; other processes may share the folder.

    Reading never raises: what cannot be read is a miss and a line in the log.

    Args:
        folder, size_limit_bytes, max_age, timeout: see `EntryStore`.

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
        super().__init__(folder, size_limit_bytes=size_limit_bytes, max_age=max_age, timeout=timeout)
        self._counter = LookupCounter(results_database(self.folder))

    def get(self, request: ExplainRequest, *, counted: bool = True) -> ExplainResult | None:
        """The stored result for exactly `request`, bit for bit as computed, or None.

        Args:
            counted: whether it is somebody's question and counts in `lookups`, or a page just looks.
        """
        stored = self.get_part(request)
        found = stored if stored is not None and stored.request.maps == request.maps else None
        if counted:
            self._counter.count(found is not None)
        return found

    def get_all(self, requests: Sequence[ExplainRequest], *, counted: bool = True) -> ExplainResult | None:
        """The stored results of several methods and pictures for one question, gathered.

        None unless all are there and agree; what exactly is missing then says `cache.results.coverage.look_up`.

        Args:
            counted: see `get`.
        """
        results = [self.get(request, counted=False) for request in requests]
        found = all(result is not None and result.answer == results[0].answer for result in results)
        if counted:
            self._counter.count(found)
        return gather(results) if found else None

    def lookups(self) -> Lookups:
        """How many questions were looked up here, by every process, and how many were stored."""
        return self._counter.read()

    def get_part(self, request: ExplainRequest) -> ExplainResult | None:
        """The stored layers among those asked for, as a result of their own, or None if there are none."""
        common = self.read(keys.pass_key(request), codec.decode_pass)
        if common is None or bool(common.steps) != request.is_video:
            return None
        answer = codec.answer_digest(common.answer)
        fitting = {}
        for layer, key in keys.map_keys(request).items():
            entry = self.read(key, partial(_decode_layer, request))
            # A map of another answer (another device can generate one) is no part of this result.
            if entry is not None and entry.answer == answer and entry.heat.shape == common.shape:
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
        rows: list[Row] = []
        counts: dict[str, int] = {}
        of_each_picture = reversed(result.pictures or (result,))
        for each in [method for one in of_each_picture for method in (*one.companions.values(), one)]:
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
        self.write(rows, counts)
        return request

    def sample_counts(self, request: ExplainRequest) -> tuple[int, ...]:
        """With how many samples the request's pass was stored, ascending; some may have been evicted since."""
        if request.noise_std == 0:
            return ()
        return self.read(keys.counts_key(request), codec.decode_counts) or ()

    def get_report(self, key: str) -> dict[str, Any] | None:
        """What was stored under `keys.report_key` or `keys.model_report_key`, or None."""
        return self.read(key, codec.decode_report)

    def put_report(self, key: str, values: dict[str, Any]) -> None:
        """Stores plain JSON values under such a key.

        Raises:
            StoreError: they could not be stored; the sentence says why and what to do.
        """
        self.write([(key, "report", codec.encode_report(key, values))])

    def get_answer(self, request: ExplainRequest) -> Answer | None:
        """The answer generated for the picture, prompt and model of `request`, whatever its method."""
        return self.read(keys.answer_key(request), codec.decode_answer)

    def write(self, rows: Sequence[Row], counts: Mapping[str, int] | None = None) -> None:
        """See `EntryStore.write`; what was counted of look-ups is written along."""
        super().write(rows, counts)
        self._counter.flush()

    def close(self) -> None:
        """Closes this thread's connection; a later call opens it again."""
        self._counter.flush()
        super().close()


def _decode_layer(request: ExplainRequest, key: str, data: bytes) -> codec.LayerEntry:
    entry = codec.decode_layer(key, data)
    # Without noise, one sample answers for any number of them.
    if request.noise_std > 0 and entry.num_samples != request.num_samples:
        raise CorruptEntry(f"it is the mean of {entry.num_samples} samples, not of {request.num_samples}")
    return entry
