"""What was measured -> means with intervals, as plain values."""

from typing import Any

import numpy as np

from core.evaluation.benchmark.confidence import mean_interval, statistic_interval
from core.evaluation.benchmark.metrics import METRICS, f1_iou
from core.evaluation.benchmark.runner import Measured
from core.schema.methods import COMBINED, METHODS


def summary(found: Measured) -> dict[str, Any]:
    """Plain values for JSON: means with 95 % intervals by method, layer and kind of question."""
    methods = {}
    for name in (name for name in METHODS if name in found.values):
        rows = found.values[name]
        kinds, scenes = ([each[case] for case, _ in rows] for each in (found.kinds, found.scenes))
        values = np.stack([value for _, value in rows])
        methods[name] = {
            "maps": "layers" if METHODS[name].per_layer else "one",
            "cases": len(rows),
            **_metrics(values, np.array(scenes)),
            "by_kind": {kind: _of_kind(kind, kinds, values, np.array(scenes)) for kind in dict.fromkeys(kinds)},
        }
    return {
        "cases": len(found.kinds),
        "scenes": len(set(found.scenes)),
        "kinds": {kind: found.kinds.count(kind) for kind in dict.fromkeys(found.kinds)},
        "total_layers": found.total_layers,
        "chance": float(np.mean(found.chance)),
        "methods": methods,
        "removal": _removal(found),
        "silence": _silence(found),
    }


def _of_kind(kind: str, kinds: list[str], values: np.ndarray, scenes: np.ndarray) -> dict[str, Any]:
    of_kind = np.array([each == kind for each in kinds])
    return {"cases": int(of_kind.sum()), **_metrics(values[of_kind], scenes[of_kind])}


def _metrics(values: np.ndarray, scenes: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """values [cases, maps, metrics] of scenes [cases] -> {metric: {"mean", "low", "high"}: [maps]}.

    Means over cases. Scenes are drawn whole: the phrases of one description are no independent cases.
    """
    _, which, counts = np.unique(scenes, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), *values.shape[1:]))
    np.add.at(sums, which, values)
    numbers = np.broadcast_to(counts[:, None, None], (*sums.shape[:2], 1))
    interval = statistic_interval(np.concatenate([sums, numbers], 2), lambda means: means[..., :-1] / means[..., -1:])
    return {
        metric: {end: _rounded(getattr(interval, end)[:, column]) for end in ("mean", "low", "high")}
        for column, metric in enumerate(METRICS)
    }


def _removal(found: Measured) -> dict[str, dict[str, Any]]:
    """Areas of each method's map at mid-depth, and by how much the combined map is better on the same scenes.

    Better: lower for deletion, higher for insertion, and for both together the sum of the two.
    """
    areas = {name: {case: pair for case, *pair in rows} for name, rows in found.removal.items()}
    if not areas:
        return {}
    best, rows = areas[COMBINED], {}
    for name, by_case in areas.items():
        values, its = (np.array([pairs[case] for case in by_case]) for pairs in (by_case, best))
        gains = np.stack([values[:, 0] - its[:, 0], its[:, 1] - values[:, 1]], 1)
        gains = np.column_stack([gains, gains.sum(1)])
        interval, ahead = mean_interval(values), mean_interval(gains)
        rows[name] = {
            "cases": len(values),
            **{
                kind: {end: round(float(getattr(of, end)[column]), 4) for end in ("mean", "low", "high")}
                for kind, of, column in (
                    ("deletion", interval, 0),
                    ("insertion", interval, 1),
                    ("combined_deletes_better_by", ahead, 0),
                    ("combined_inserts_better_by", ahead, 1),
                    ("combined_is_better_by", ahead, 2),
                )
            },
        }
    return rows


def _silence(found: Measured) -> dict[str, dict[str, Any]]:
    """TAM's measures of described scenes: {"obj", "func", "f1": {"mean", "low", "high": [maps]}} by method."""
    rows = {}
    for name in (name for name in METHODS if name in found.silence):
        kinds, values = [kind for kind, _ in found.silence[name]], np.stack([each for _, each in found.silence[name]])
        rows[name] = {
            "scenes": len(values),
            **_words(values),
            "by_kind": {
                kind: {"scenes": kinds.count(kind), **_words(values[[each == kind for each in kinds]])}
                for kind in dict.fromkeys(kinds)
            },
        }
    return rows


def _words(values: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """values [scenes, maps, 4], as of `Measured.silence`: means over all words, scenes drawn whole."""
    measures = {
        "obj": lambda sums: sums[..., 0] / sums[..., 1],
        "func": lambda sums: sums[..., 2] / sums[..., 3],
        "f1": lambda sums: np.vectorize(f1_iou)(sums[..., 0] / sums[..., 1], sums[..., 2] / sums[..., 3]),
    }
    intervals = {name: statistic_interval(values, measure) for name, measure in measures.items()}
    return {
        name: {end: _rounded(getattr(interval, end)) for end in ("mean", "low", "high")}
        for name, interval in intervals.items()
    }


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
