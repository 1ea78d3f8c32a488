"""Brings salvaged rows into a history that may be in use, and never over a row that is there."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from cache.keys import run_id
from cache.runs.history import RunHistory
from cache.runs.record import RunRecord, UnreadableRow, from_columns
from cache.runs.salvage import Columns, salvage
from cache.runs.visibility import run_of
from core.errors import ExplainError
from core.schema import ExplainRequest

_AT_ONCE = 20
"""Rows that one transaction writes."""


@dataclass(frozen=True)
class Recovered:
    """What became of the rows of a damaged history.

    Attributes:
        salvaged: rows that were brought into the new history.
        mended: those of them of which a part was gone and has been left empty or told by the rest.
        present: rows that were there already and were left as they are.
        lost: rows that are known to have been there and cannot be read.
    """

    salvaged: int = 0
    mended: int = 0
    present: int = 0
    lost: int = 0


def recover(history: RunHistory, damaged: Path, between: Callable[[], object] = lambda: None) -> Recovered:
    """Brings every row of a damaged history that can be read into another one; safe while that is in use.

    Args:
        damaged: is not changed.
        between: called after each short transaction.

    Raises:
        StoreError: the history cannot be written.
        OSError: the damaged file cannot be read.
    """
    found = salvage(damaged)
    salvaged = mended = present = lost = 0
    waiting: list[tuple[RunRecord, bool]] = []
    for number in sorted(found.known):
        made = _record(found.runs.get(number), found.details.get(number))
        if made is None:
            lost += 1
        else:
            waiting.append(made)
    for first in range(0, len(waiting), _AT_ONCE):
        some = waiting[first : first + _AT_ONCE]
        new = history.add_missing([run for run, _ in some])
        salvaged += sum(new)
        mended += sum(was_mended for (_, was_mended), is_new in zip(some, new, strict=True) if is_new)
        present += len(new) - sum(new)
        between()
    return Recovered(salvaged, mended, present, lost)


def _record(run: Columns | None, details: Columns | None) -> tuple[RunRecord, bool] | None:
    """The record of a row, and whether something of it was mended; None where too little of it is left.

    Never without a request, which is the run; and never without knowing whose it is: what was private stays so.
    """
    columns = {**(run or {}), **{name: value for name, value in (details or {}).items() if name != "id"}}
    usual = {name: columns[name] for name in _COLUMNS if name in columns}
    request = _request(usual.get("request"))
    if request is None:
        return None
    values, mended = dict(usual), False
    for name, value in _instead(request, usual).items():
        try:
            from_columns({**_SOUND, name: values[name]} if name in values else {})
        except (UnreadableRow, KeyError, TypeError):
            values[name], mended = value, True
    name, owner = values.get("run_id"), values.get("private_to")
    if not isinstance(name, str) or run_of(name) != run_id(request):
        if not isinstance(owner, str):
            return None
        values["run_id"], mended = run_id(request), True
    elif "/" in name:
        values["private_to"] = name.partition("/")[2]
    elif not isinstance(owner, str):
        values["private_to"], mended = "", True  # the name of a private record bears its owner
    try:
        return from_columns(values), mended
    except (UnreadableRow, KeyError, TypeError):
        return None


def _request(stored: Any) -> ExplainRequest | None:
    try:
        return ExplainRequest.from_dict(from_columns({**_SOUND, "request": stored}).request)
    except (UnreadableRow, ExplainError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _instead(request: ExplainRequest, known: Mapping[str, Any]) -> Columns:
    """What stands for a column that is gone; not for those that nothing can stand for."""
    moment = next((known[name] for name in ("created", "updated") if isinstance(known.get(name), float)), 0.0)
    empty = {
        each.name: each.default
        for each in fields(RunRecord)
        if each.default is not MISSING and each.name not in ("private_to", "request", "run_id")
    }
    return {
        **empty,
        "tags": "[]",
        "picture_names": "[]",
        "pinned": 0,
        "created": moment,
        "updated": moment,
        "image": request.image,
        "picture_name": "",
        "prompt": request.prompt,
        "answer": "",
        "model_name": "",
        "method": request.method,
        "num_samples": request.num_samples,
        "noise_std": request.noise_std,
        "target": request.target.describe(),
        "duration": 0.0,
    }


_SOUND: Columns = {
    **{each.name: "" for each in fields(RunRecord)},
    **dict.fromkeys(("created", "updated", "duration", "noise_std", "video_seconds"), 0.0),
    **dict.fromkeys(("num_samples", "computed_samples", "peak_bytes", "rating", "pinned", "steps"), 0),
    **{"request": "{}", "tags": "[]", "picture_names": "[]", "thumbnail": b"", "deleted": None, "stored": None},
}
"""Columns of which a record can be made, so that one of them can be tried at a time."""

_COLUMNS = frozenset(_SOUND)
