"""Where numbers come from: what was imported is told apart from what was computed here, in every name it has."""

import hashlib
from dataclasses import asdict, replace

from cache.keys import VERSION, digest
from core.schema import ExplainResult


def origin_of(result: ExplainResult) -> str:
    """The digest of a result's numbers: of its question, its answer, and every map of every method and picture.

    The same on every server, whatever the result's own request says of where it comes from. Times are left out.
    """
    parts = [part for each in result.pictures or (result,) for part in (each, *each.companions.values())]
    told = [_told(part) for part in parts]
    return digest("origin", {"parts": sorted(told, key=str)}).removeprefix(f"{VERSION}:")


def with_origin(result: ExplainResult, origin: str) -> ExplainResult:
    """The same numbers, of that origin throughout; "" for numbers that were computed here."""
    return replace(
        result,
        request=replace(result.request, origin=origin),
        companions={name: with_origin(each, origin) for name, each in result.companions.items()},
        pictures=tuple(with_origin(each, origin) for each in result.pictures),
    )


def same_numbers(left: ExplainResult, right: ExplainResult) -> bool:
    """Whether two results say the same, bit for bit, but for where they come from and how long they took."""
    return origin_of(left) == origin_of(right)


def _told(part: ExplainResult) -> dict[str, object]:
    heat, deviation = (
        hashlib.sha256(array.astype("<f4", copy=False).tobytes()).hexdigest()
        for array in (part.heat, part.squared_deviation)
    )
    return {
        "request": part.request.own().to_dict(),
        "answer": asdict(part.answer),
        "grid": list(part.grid),
        "heat": heat,
        "squared_deviation": deviation,
        "num_samples": part.num_samples,
        "total_layers": part.total_layers,
        **({"steps": [[step.start, step.end] for step in part.steps]} if part.steps else {}),
    }
