"""Takes what was imported before there were origins out from among what was computed here: once, when it is opened.

An import used to be stored under the very names that a run of one's own has, and so answered everybody's questions. The
rows of such imports, and of runs that explain the imported answer and came later, get the origin that an import has
today. What is stored of them goes under it, and nothing that may rest on an import stays under the names of runs of
one's own: where that cannot be told, it is computed anew.

A kill in between loses nothing: each step is done again to the same end, and a row is forgotten last.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cache import ResultStore, RunHistory, keys
from cache.results.cleanup import drop_rows, rows_of
from cache.results.inspection import passes_about
from cache.results.provenance import origin_of, with_origin
from cache.runs.former_imports import FormerImport
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run

logger = logging.getLogger(__name__)

SLACK = 60.0
"""Seconds by which an import may have been stored before its row was written."""


def separate(results: ResultStore, runs: RunHistory) -> None:
    """Gives an origin to what was imported before; a millisecond where nothing was.

    Raises:
        StoreError: results or history cannot be used; what was done so far stays.
    """
    former = runs.former_imports
    if not former.pending():
        return
    former.note_derived(SLACK)
    groups: dict[str, list[FormerImport]] = {}
    pending = former.pending()
    for each in pending:
        if each.request is not None:
            groups.setdefault(keys.answer_key(each.request.own()), []).append(each)
    passes: dict[str, list[tuple[ExplainRequest, float]]] = {answer: [] for answer in groups}
    for request, stored in passes_about(results.folder, groups.keys()):
        passes[keys.answer_key(request)].append((request, stored))
    for answer, group in groups.items():
        since = min(each.since for each in group) - SLACK
        later = [request for request, stored in passes[answer] if stored >= since]
        for each in group:
            if each.kind != "doubtful":
                former.settle(each, _moved(results, each.request, later))
        # After every row has its origin: until then what is dropped here is what they are read from.
        drop_rows(results.folder, rows_of(results.folder, _names(answer, group, later), since), "cleaned")
        former.forget(group)
    former.forget([each for each in pending if each.request is None])
    logger.warning("%d runs of the history were or may have been imported, and now answer no other run.", len(pending))


def _moved(results: ResultStore, request: ExplainRequest, stored: Sequence[ExplainRequest]) -> ExplainRequest:
    """The request with its origin; what is stored of the run and of its studies is put under that, too."""
    if request.origin:
        return request  # settled before a kill
    run = results.get_all(whole_run(request), counted=False)
    # Without numbers to name it after, it is named after what it was called.
    origin = keys.digest("former import", {"run": keys.run_id(request)}).removeprefix(f"{keys.VERSION}:")
    moved = replace(request, origin=origin if run is None else origin_of(run))
    if run is not None:
        results.put(with_origin(run, moved.origin))
    for other in stored:
        if _belong_together(request, other):
            if (found := results.get_part(other)) is not None:
                results.put(with_origin(found, moved.origin))
            for about in _reported(other):
                if (values := results.get_report(keys.report_key(keys.TRUST, about))) is not None:
                    own_name = keys.report_key(keys.TRUST, replace(about, origin=moved.origin))
                    results.put_report(own_name, values)
    return moved


def _belong_together(run: ExplainRequest, other: ExplainRequest) -> bool:
    """Whether a stored pass is of a run or of what its studies ask: other methods, and words without noise."""
    quiet = replace(run.shared(), noise_std=0.0, num_samples=1, seed=0)
    return other.shared() in (run.shared(), quiet)


def _names(answer: str, group: Sequence[FormerImport], stored: Sequence[ExplainRequest]) -> Iterator[str]:
    """The keys, as of one's own, of all that may rest on these imports."""
    yield answer
    own = [part for each in group for part in whole_run(each.request.own())]
    for request in dict.fromkeys([*own, *stored]):
        yield keys.pass_key(request)
        yield from keys.map_keys(request).values()
        for about in _reported(request):
            yield keys.report_key(keys.TRUST, about)


def _reported(request: ExplainRequest) -> list[ExplainRequest]:
    """What reports on trust there may be about: each layer, or the one map."""
    return [request.for_layers((layer,)) for layer in request.layers] or [request]
