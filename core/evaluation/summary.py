"""What was measured -> means with intervals, as plain values and as a table in text."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.evaluation.intervals import mean_interval, paired_difference, statistic_interval
from core.evaluation.metrics import METRICS, f1_iou
from core.evaluation.table import Measured
from core.methods import COMBINED, METHODS


def summary(found: Measured) -> dict[str, Any]:
    """Plain values for JSON: means with 95 % intervals by method, layer and kind of question."""
    methods = {}
    for name in (name for name in METHODS if name in found.values):
        rows = found.values[name]
        kinds = [found.kinds[case] for case, _ in rows]
        values = np.stack([value for _, value in rows])
        methods[name] = {
            "maps": "layers" if METHODS[name].per_layer else "one",
            "cases": len(rows),
            **_metrics(values),
            "by_kind": {kind: _metrics(values[[each == kind for each in kinds]]) for kind in dict.fromkeys(kinds)},
        }
    return {
        "cases": len(found.kinds),
        "kinds": {kind: found.kinds.count(kind) for kind in dict.fromkeys(found.kinds)},
        "total_layers": found.total_layers,
        "chance": float(np.mean(found.chance)),
        "methods": methods,
        "removal": _removal(found),
        "silence": _silence(found),
    }


def _metrics(values: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """values [cases, maps, metrics] -> {metric: {"mean", "low", "high"}: [maps]}."""
    interval = mean_interval(values)
    return {
        metric: {end: _rounded(getattr(interval, end)[:, column]) for end in ("mean", "low", "high")}
        for column, metric in enumerate(METRICS)
    }


def _removal(found: Measured) -> dict[str, dict[str, Any]]:
    """Areas of each method's map at mid-depth, and by how much the combined map is better."""
    areas = {name: {case: pair for case, *pair in rows} for name, rows in found.removal.items()}
    if not areas:
        return {}
    best, rows = areas[COMBINED], {}
    for name, by_case in areas.items():
        values = np.array(list(by_case.values()))
        gain = np.array([(best[case][1] - best[case][0]) - (i - d) for case, (d, i) in by_case.items()])
        interval, ahead = mean_interval(values), paired_difference(gain, np.zeros(len(gain)))
        rows[name] = {
            "cases": len(values),
            **{
                kind: {end: round(float(getattr(interval, end)[column]), 4) for end in ("mean", "low", "high")}
                for column, kind in enumerate(("deletion", "insertion"))
            },
            "combined_is_better_by": {end: round(float(getattr(ahead, end)), 4) for end in ("mean", "low", "high")},
        }
    return rows


def _silence(found: Measured) -> dict[str, dict[str, Any]]:
    """TAM's measures of described scenes: {"obj", "func", "f1": {"mean", "low", "high": [maps]}} by method."""
    rows = {}
    for name in (name for name in METHODS if name in found.silence):
        values = np.stack(found.silence[name])  # [scenes, maps, 2]
        both = mean_interval(values)
        f1 = statistic_interval(values, lambda means: np.vectorize(f1_iou)(means[..., 0], means[..., 1]))
        told = {"obj": (both, np.s_[:, 0]), "func": (both, np.s_[:, 1]), "f1": (f1, np.s_[:])}
        rows[name] = {"scenes": len(values)} | {
            key: {end: _rounded(getattr(interval, end)[part]) for end in ("mean", "low", "high")}
            for key, (interval, part) in told.items()
        }
    return rows


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]


def text(told: dict[str, Any], metrics: Sequence[str] = ("pointing", "energy", "auc", "best_iou", "obj_iou")) -> str:
    """The table of `summary` for a terminal: methods down, layers across."""
    layers = range(told["total_layers"])
    lines = [f"{told['cases']} cases {told['kinds']}; a blind map points right in {told['chance']:.3f}", ""]
    lines.append("method                   metric    " + "".join(f"{layer:>7d}" for layer in layers))
    for name, row in told["methods"].items():
        for metric in metrics:
            values = "".join(f"{value:7.3f}" for value in row[metric]["mean"])
            if row["maps"] == "one":
                values += f"   ({row[metric]['low'][0]:.3f} to {row[metric]['high'][0]:.3f})"
            lines.append(f"{name:24s} {metric:10s}{values}")
    if told["removal"]:
        lines += ["", "Cells taken away in the map's order (at mid-depth), area under the answer's probability:"]
        lines.append("map                      cases  deletion         insertion        combined is better by")
        ranked = sorted(
            told["removal"].items(), key=lambda row: row[1]["deletion"]["mean"] - row[1]["insertion"]["mean"]
        )
        for name, row in ranked:
            cells = "  ".join(
                f"{row[key]['mean']:6.3f} ±{(row[key]['high'] - row[key]['low']) / 2:5.3f}" + "   "
                for key in ("deletion", "insertion", "combined_is_better_by")
            )
            lines.append(f"{name:24s} {row['cases']:5d}  {cells}".rstrip())
    if told["silence"]:
        lines += ["", "Words that mean an object and words that mean none, as TAM is measured, at the best layer:"]
        lines.append("method                   layer  obj-IoU  func-IoU  F1-IoU (95 % interval)")
        for name, row in told["silence"].items():
            best = int(np.argmax(row["f1"]["mean"]))
            layer = f"{best:5d}" if told["methods"][name]["maps"] == "layers" else "    -"
            figures = "  ".join(f"{row[key]['mean'][best]:7.3f}" for key in ("obj", "func", "f1"))
            lines.append(
                f"{name:24s} {layer}  {figures}   ({row['f1']['low'][best]:.3f} to {row['f1']['high'][best]:.3f})"
            )
    return "\n".join(lines)
