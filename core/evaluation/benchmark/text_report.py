"""A summary of what was measured -> the table that the terminal shows, and CSV that holds every figure."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.evaluation.benchmark.metrics import METRICS
from core.export.tables import csv_text

_BY_KIND = ("pointing", "energy", "auc")
_WORDS = ("obj", "func", "f1")
_AHEAD = ("combined_deletes_better_by", "combined_inserts_better_by", "combined_is_better_by")


def text(told: dict[str, Any], metrics: Sequence[str] = tuple(METRICS)) -> str:
    """The table of a `summary` for a terminal: methods down, layers across, half the 95 % interval below each mean."""
    layers = range(told["total_layers"])
    lines = [f"{told['cases']} cases {told['kinds']}; a blind map points right in {told['chance']:.3f}", ""]
    lines.append("method                   metric    " + "".join(f"{layer:>7d}" for layer in layers))
    for name, row in told["methods"].items():
        for metric in metrics:
            figures = row[metric]
            values = "".join(f"{value:7.3f}" for value in figures["mean"])
            if row["maps"] == "one":
                lines.append(f"{name:24s} {metric:10s}{values}   ({figures['low'][0]:.3f} to {figures['high'][0]:.3f})")
                continue
            ends = zip(figures["low"], figures["high"], strict=True)
            halves = "".join(f" ±{(high - low) / 2:5.3f}" for low, high in ends)
            lines += [f"{name:24s} {metric:10s}{values}", f"{'':35s}{halves}"]
    return "\n".join([*lines, *_kinds(told), *_removal(told["removal"]), *_silence(told)])


def to_csv(told: dict[str, Any]) -> str:
    """Every figure of a `summary`, one a line: method, layer, kind of question, metric, mean, its 95 % interval, cases.

    `layer` is empty for a method with one map in all, and `kind` is "all" for all kinds together. `cases` counts
    phrases; for TAM's obj, func and f1, which are of whole descriptions, scenes are counted. Deletion and insertion
    are of maps at mid-depth.
    """
    return csv_text(("method", "layer", "kind", "metric", "mean", "low", "high", "cases"), _every_line(told))


def _every_line(told: dict[str, Any]) -> Iterator[tuple]:
    for name, row in told["methods"].items():
        for kind, figures in (("all", row), *row["by_kind"].items()):
            yield from _lines(name, row["maps"], kind, figures, tuple(METRICS), figures["cases"])
    for name, row in told["silence"].items():
        for kind, figures in (("all", row), *row["by_kind"].items()):
            yield from _lines(name, told["methods"][name]["maps"], kind, figures, _WORDS, figures["scenes"])
    for name, row in told["removal"].items():
        for metric in ("deletion", "insertion", *_AHEAD):
            ends = (row[metric][end] for end in ("mean", "low", "high"))
            yield name, _middle(told, name), "all", metric, *ends, row["cases"]


def _middle(told: dict[str, Any], name: str) -> int | str:
    return told["total_layers"] // 2 if told["methods"].get(name, {}).get("maps") == "layers" else ""


def _lines(name: str, maps: str, kind: str, figures: dict, metrics: Sequence[str], cases: int) -> Iterator[tuple]:
    for metric in metrics:
        ends = (figures[metric][end] for end in ("mean", "low", "high"))
        for layer, values in enumerate(zip(*ends, strict=True)):
            yield name, layer if maps == "layers" else "", kind, metric, *values, cases


def _kinds(told: dict[str, Any]) -> list[str]:
    if len(told["kinds"]) < 2:
        return []
    middle = told["total_layers"] // 2
    lines = ["", f"By kind of question, at layer {middle} of methods with a map for each layer (95 % interval):"]
    lines.append(f"{'method':24s} {'kind':12s} cases" + "".join(f"  {metric:23s}" for metric in _BY_KIND).rstrip())
    for name, row in told["methods"].items():
        at = middle if row["maps"] == "layers" else 0
        for kind, figures in row["by_kind"].items():
            cells = "".join(f"  {_figure(figures[metric], at):23s}" for metric in _BY_KIND).rstrip()
            lines.append(f"{name:24s} {kind:12s} {figures['cases']:5d}{cells}")
    return lines


def _figure(figures: dict[str, list[float]], at: int) -> str:
    return f"{figures['mean'][at]:.3f} ({figures['low'][at]:.3f} to {figures['high'][at]:.3f})"


def _removal(removal: dict[str, Any]) -> list[str]:
    if not removal:
        return []
    lines = ["", "Cells taken away in the map's order (at mid-depth), area under the answer's probability:"]
    lines.append(f"{'':64s}the combined map is better, on the same scenes, by")
    lines.append(f"{'map':24s} cases  {'deletion':15s}  {'insertion':15s}  {'deletion':15s}  {'insertion':15s}  both")
    ranked = sorted(removal.items(), key=lambda each: each[1]["deletion"]["mean"] - each[1]["insertion"]["mean"])
    for name, row in ranked:
        cells = "   ".join(
            f"{row[key]['mean']:6.3f} ±{(row[key]['high'] - row[key]['low']) / 2:5.3f} "
            for key in ("deletion", "insertion", *_AHEAD)
        )
        lines.append(f"{name:24s} {row['cases']:5d}  {cells}".rstrip())
    return lines


def _silence(told: dict[str, Any]) -> list[str]:
    if not told["silence"]:
        return []
    lines = ["", "Words that mean an object and words that mean none, as TAM is measured, at the best layer:"]
    lines.append("method                   kind         layer  obj-IoU  func-IoU  F1-IoU (95 % interval)")
    for name, row in told["silence"].items():
        for kind, figures in (("all", row), *row["by_kind"].items()):
            best = int(np.argmax(figures["f1"]["mean"]))
            layer = f"{best:5d}" if told["methods"][name]["maps"] == "layers" else "    -"
            cells = "  ".join(f"{figures[key]['mean'][best]:7.3f}" for key in _WORDS)
            ends = f"({figures['f1']['low'][best]:.3f} to {figures['f1']['high'][best]:.3f})"
            lines.append(f"{name:24s} {kind:12s} {layer}  {cells}   {ends}")
    return lines
