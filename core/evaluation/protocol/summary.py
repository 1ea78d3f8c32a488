"""The entries of a log -> means with intervals, as plain values.

The log is read once for each map's name, so that what lies in memory are sums of one of them, however many rows there
are. Rows of one picture are no independent samples: pictures are drawn whole.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from core.evaluation.benchmark.confidence import statistic_interval
from core.evaluation.benchmark.metrics import f1_iou
from core.evaluation.protocol.blind import BLIND
from core.evaluation.protocol.figures import MEASURES
from core.evaluation.protocol.plan import VERSION, Plan
from core.evaluation.protocol.removal import TRUE_MASK
from core.schema.methods import METHODS

Entries = Callable[[], Iterator[dict[str, Any]]]
SHOWN_ROWS = 20
"""Rows that the report names with what is wrong with them."""
_OBJ = [list(MEASURES).index(name) for name in ("obj_iou", "obj_iou_half")]


def summary(entries: Entries, plan: Plan) -> dict[str, Any]:
    """Plain values for JSON.

    Args:
        entries: a function that reads all entries from the beginning.
        plan: with layers in numbers.

    Returns:
        version; counts (rows, measured, pictures, skipped, unnamed, named_share); skipped (the first few [row, why]);
        methods, each with layers (None for one map in all), cases, and {measure: {mean, low, high}} with a number for
        each map; blind, likewise, with one map each; removal; words (func-IoU and F1-IoU by method).
    """
    counts, skipped = _counts(entries)
    return {
        "version": VERSION,
        "counts": counts,
        "skipped": skipped,
        "methods": {name: _of_method(entries, name, plan) for name in plan.methods} if counts["measured"] else {},
        "blind": {name: _of_blind(entries, name) for name in BLIND} if counts["measured"] else {},
        "removal": _removal(entries, plan),
        "words": _words(entries, plan),
    }


def _counts(entries: Entries) -> tuple[dict[str, Any], list[list[str]]]:
    rows = measured = unnamed = skipped = 0
    shown: list[list[str]] = []
    pictures = set()
    for entry in entries():
        rows += entry["rows"]
        measured += len(entry["cases"])
        unnamed += len(entry["unnamed"])
        skipped += len(entry["skipped"])
        shown += entry["skipped"][: SHOWN_ROWS - len(shown)]
        if entry["cases"]:
            pictures.add(entry["picture"])
    usable = measured + unnamed
    return {
        "rows": rows,
        "measured": measured,
        "pictures": len(pictures),
        "skipped": skipped,
        "unnamed": unnamed,
        "named_share": round(measured / usable, 4) if usable else 0.0,
    }, shown


def _of_method(entries: Entries, name: str, plan: Plan) -> dict[str, Any]:
    interval, cases = _means(entries, lambda case: case["values"][name])
    layers = list(plan.layers) if METHODS[name].per_layer else [None]
    return {"layers": layers, "cases": cases, **_by_measure(interval)}


def _of_blind(entries: Entries, name: str) -> dict[str, Any]:
    interval, cases = _means(entries, lambda case: [case["blind"][name]])
    return {"layers": [None], "cases": cases, **_by_measure(interval)}


def _means(entries: Entries, values: Callable[[dict], Any]) -> tuple[dict[str, np.ndarray], int]:
    """{mean, low, high: [maps, figures]} over all cases for which there are values, and how many these are."""
    sums = _sums(entries, lambda entry: [(1, values(case)) for case in entry["cases"]])
    found = statistic_interval(sums, lambda means: means[..., :-1] / means[..., -1:])
    return {end: getattr(found, end) for end in ("mean", "low", "high")}, int(sums[:, 0, -1].sum())


def _sums(entries: Entries, picked: Callable[[dict], list[tuple[int, Any]]]) -> np.ndarray:
    """Sums of what is picked, by picture in the order of the data set: float64 [pictures, maps, figures + 1].

    Args:
        picked: of an entry, (how many it stands for, their sum [maps][figures]); the last figure is their number.
    """
    by_picture: dict[str, tuple[int, np.ndarray]] = {}
    for entry in entries():
        for number, values in picked(entry):
            array = np.asarray(values, np.float64)
            array = np.concatenate([array, np.full((len(array), 1), number)], 1)
            first, so_far = by_picture.get(entry["picture"], (entry["number"], 0.0))
            by_picture[entry["picture"]] = min(first, entry["number"]), so_far + array
    ordered = sorted(by_picture.values(), key=lambda each: each[0])
    return np.stack([array for _first, array in ordered]) if ordered else np.zeros((0, 1, 1))


def _by_measure(ends: dict[str, np.ndarray]) -> dict[str, dict[str, list[float]]]:
    return {
        measure: {end: _rounded(values[:, column]) for end, values in ends.items()}
        for column, measure in enumerate(MEASURES)
    }


def _removal(entries: Entries, plan: Plan) -> dict[str, dict[str, Any]]:
    """Areas of deletion and insertion by order of removal, over the cases that were taken apart."""
    told = {}
    for name in (*plan.methods, TRUE_MASK, "random", "centre"):
        sums = _sums(entries, partial(_areas, name))
        if not len(sums):
            return {}
        found = statistic_interval(sums, lambda means: means[..., :-1] / means[..., -1:])
        told[name] = {"cases": int(sums[:, 0, -1].sum())} | {
            kind: {end: round(float(getattr(found, end)[0, column]), 4) for end in ("mean", "low", "high")}
            for column, kind in enumerate(("deletion", "insertion"))
        }
    return told


def _areas(name: str, entry: dict[str, Any]) -> list[tuple[int, Any]]:
    return [(1, [case["removal"][name]]) for case in entry["cases"] if "removal" in case]


def _words(entries: Entries, plan: Plan) -> dict[str, dict[str, Any]]:
    """TAM's measures of answers with words that mean no object, by method: means over all objects and such words."""
    told = {}
    for name in plan.methods:
        sums = _sums(entries, partial(_object_and_word_sums, name))
        if not len(sums):
            return {}
        row: dict[str, Any] = {"layers": list(plan.layers) if METHODS[name].per_layer else [None]}
        row |= {"cases": int(sums[:, 0, 2].sum()), "words": int(sums[:, 0, 5].sum())}
        for column, suffix in enumerate(("", "_half")):
            for kind in ("func_iou", "f1_iou"):
                found = statistic_interval(sums, partial(_word_measure, kind, column))
                row[f"{kind}{suffix}"] = {end: _rounded(getattr(found, end)) for end in ("mean", "low", "high")}
        told[name] = row
    return told


def _object_and_word_sums(name: str, entry: dict[str, Any]) -> list[tuple[int, Any]]:
    """[maps, 6]: obj-IoU at both thresholds and how many objects, func-IoU likewise and how many words."""
    silent = entry.get("silent")
    if not silent:
        return []
    objects = np.sum([np.asarray(case["values"][name])[:, _OBJ] for case in entry["cases"]], axis=0)
    numbers = [np.full((len(objects), 1), count) for count in (len(entry["cases"]), silent["words"])]
    return [(1, np.concatenate([objects, numbers[0], silent["values"][name], numbers[1]], 1))]


def _word_measure(kind: str, column: int, sums: np.ndarray) -> np.ndarray:
    objects, words = sums[..., column] / sums[..., 2], sums[..., 3 + column] / sums[..., 5]
    return words if kind == "func_iou" else np.vectorize(f1_iou)(objects, words)


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
