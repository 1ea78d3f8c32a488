"""A look at what is stored that changes nothing: how much there is of what, and whether it can be read."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache import keys
from cache.errors import CorruptEntry, brief, shown
from cache.files.sqlite import rows
from cache.results import codec
from cache.results.arrays import decode_arrays
from cache.results.database import LONGEST_VALUE
from cache.results.disk import BytesDisk, describe, results_database
from core.errors import ExplainError
from core.schema import ExplainRequest

_DECODERS = {
    "layer": codec.decode_layer,
    "pass": codec.decode_pass,
    "answer": codec.decode_answer,
    "report": codec.decode_report,
    "counts": codec.decode_counts,
    "arrays": decode_arrays,
}
_AT_ONCE = 200
_LATEST = 253402300799  # the last second of the year 9999


@dataclass(frozen=True)
class Kind:
    """All entries of one kind.

    Attributes:
        name: "layer", "pass" and so on; "unknown" for what is none of them.
        entries: how many.
        size: their bytes.
        oldest, newest: when the first and the last was stored, seconds since 1970; None where no row of somebody
            else's tells a time.
    """

    name: str
    entries: int
    size: int
    oldest: float | None
    newest: float | None


@dataclass(frozen=True)
class ModelShare:
    """What is stored of one model's answers.

    Attributes:
        model: its fingerprint.
        passes, maps: how many passes, and maps of them.
        size: their bytes.
    """

    model: str
    passes: int
    maps: int
    size: int


@dataclass(frozen=True)
class Damage:
    """An entry that is not what was stored under its key.

    Attributes:
        row, stored: the row in the database, and when it was written, so that a newer one is not taken for it.
        key, kind: as far as they can be read.
        why: in words that follow the key.
    """

    row: int
    stored: float
    key: str
    kind: str
    why: str


def kinds(folder: Path) -> list[Kind]:
    """What the result store in `folder` holds, the most numerous kind first.

    Raises:
        StoreError: here and below, when the database cannot be read.
    """
    known = ", ".join(f"'{kind}'" for kind in _DECODERS)
    # A blob's length stands in its row's header: no value is read. A column holds whatever somebody planted there.
    query = (
        f"SELECT CASE WHEN tag IN ({known}) THEN tag ELSE 'unknown' END AS kind, COUNT(*) AS entries, "
        "SUM(IFNULL(LENGTH(value), 0)), MIN(time), MAX(time) FROM "
        f"(SELECT tag, value, CASE WHEN store_time BETWEEN 0 AND {_LATEST} THEN store_time END AS time FROM Cache) "
        "GROUP BY kind ORDER BY entries DESC, kind"
    )
    return [Kind(*row) for row in rows(results_database(folder), query, describe(folder))]


def model_shares(folder: Path) -> list[ModelShare]:
    """What the result store holds of each model, the largest share first; reads every pass, which takes a while.

    A layer does not name its model, but a pass its request, and with it the key of every layer.
    """
    layers = dict(
        rows(results_database(folder), "SELECT key, LENGTH(value) FROM Cache WHERE tag = 'layer'", describe(folder))
    )
    shares: dict[str, list[int]] = {}
    for key, value in rows(
        results_database(folder), "SELECT key, value FROM Cache WHERE tag = 'pass'", describe(folder)
    ):
        try:
            names, model = pass_layers(key, value)
        except (CorruptEntry, ExplainError, KeyError, TypeError, ValueError):
            continue  # of another version of this program
        sizes = [layers.pop(name) for name in names if name in layers]
        share = shares.setdefault(model, [0, 0, 0])
        share[:] = share[0] + 1, share[1] + len(sizes), share[2] + sum(sizes) + len(value)
    found = [ModelShare(model, *share) for model, share in shares.items()]
    return sorted(found, key=lambda share: share.size, reverse=True)


def pass_layers(key: str, value: bytes) -> tuple[list[str], str]:
    """The keys of all layers that a stored pass may have, and the fingerprint of its model.

    Raises:
        CorruptEntry, ExplainError, KeyError, TypeError, ValueError: it cannot be read.
    """
    entry = codec.decode_pass(key, value)
    request = ExplainRequest.from_dict(entry.request)
    if request.layers:
        request = request.for_layers(tuple(range(entry.total_layers)))
    return list(keys.map_keys(request).values()), request.model


def passes_about(folder: Path, answers: Container[str]) -> Iterator[tuple[ExplainRequest, float]]:
    """The request of every pass that explains one of some answers, at all the layers that it may have; when stored.

    Args:
        answers: their `keys.answer_key`.
    """
    query = (
        "SELECT rowid, store_time, key, value FROM Cache WHERE tag = 'pass' AND rowid > ? "
        f"ORDER BY rowid LIMIT {_AT_ONCE}"
    )
    last = -(2**63)
    while found := rows(results_database(folder), query, describe(folder), last):
        last = found[-1][0]
        for _, stored, key, value in found:
            try:
                entry = codec.decode_pass(key, value)
                request = ExplainRequest.from_dict(entry.request)
            except (CorruptEntry, ExplainError, AttributeError, KeyError, TypeError, ValueError):
                continue  # nothing reads it either
            if keys.answer_key(request) in answers:
                whole = request.for_layers(tuple(range(entry.total_layers))) if request.layers else request
                yield whole, stored


def damaged(folder: Path) -> Iterator[Damage]:
    """Every entry of the result store that does not decode under its key."""
    disk = BytesDisk(str(folder))
    # What is too large to be an entry is not brought into memory to find that out.
    value = f"CASE WHEN IFNULL(LENGTH(value), 0) <= {LONGEST_VALUE} THEN value END"
    query = (
        f"SELECT rowid, store_time, key, raw, mode, filename, {value}, tag FROM Cache "
        f"WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}"
    )
    last = -(2**63)
    # A few at a time: a reader that takes minutes would keep the database from emptying its log.
    while found := rows(results_database(folder), query, describe(folder), last):
        for last, stored, key, raw, mode, filename, value, kind in found:
            try:
                _decode(disk, key, raw, mode, filename, value, kind)
            except CorruptEntry as error:
                yield Damage(last, stored, shown(key), shown(kind), str(error))
            except OSError as error:
                yield Damage(last, stored, shown(key), shown(kind), f"its file cannot be read ({error.strerror})")


def _decode(disk: BytesDisk, key: Any, raw: Any, mode: Any, filename: Any, value: Any, kind: Any) -> None:
    name = disk.get(key, bool(raw))
    if kind not in _DECODERS:
        raise CorruptEntry(f"it is of the unknown kind {brief(kind)}")
    _DECODERS[kind](name, disk.fetch(mode, filename, value, False))
