"""What was measured with sinks -> plain values, and the tables that the terminal shows. No torch is needed for them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.evaluation.benchmark.confidence import mean_interval
from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.sinks.measured import FORMER, StrengthMeasured
from core.schema.methods import METHODS

MEASURES = ("pointing", "energy", "auc")
_SHARES = ("of_picture", "in_picture", "in_prompt")


def summary(found: Mapping[str, StrengthMeasured]) -> dict[str, Any]:
    """Plain values for JSON: means over scenes with 95 % intervals, by strength, method and layer.

    Returns:
        {"strengths": {name: {"scenes", "same_answers", "of_picture", "in_picture", "in_prompt", "methods"}}}, of which
        the shares are means of `Shares` and "methods" is {method: {measure: {"mean", "low", "high": [maps]}}}.
    """
    return {"strengths": {name: _strength(measured) for name, measured in found.items()}}


def _strength(measured: StrengthMeasured) -> dict[str, Any]:
    return {
        "scenes": len(measured.same),
        "same_answers": sum(measured.same),
        **{name: _rounded(np.mean([getattr(each, name) for each in measured.shares])) for name in _SHARES},
        "methods": {name: _method(np.stack(values)) for name, values in measured.values.items()},
    }


def _method(values: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """values [scenes, maps, metrics]."""
    interval = mean_interval(values)
    return {
        measure: {
            end: [_rounded(value) for value in getattr(interval, end)[:, list(METRICS).index(measure)]]
            for end in ("mean", "low", "high")
        }
        for measure in MEASURES
    }


def text(told: Mapping[str, Any]) -> str:
    """A `summary` for a terminal: methods down, strengths across; methods with layers at mid-depth."""
    strengths = told["strengths"]
    lines = ["Sinks implanted into the embedded model; " + _scenes(strengths), ""]
    for title, key in (
        ("answers as before", "same_answers"),
        ("sinks' share of the attention on the picture", "of_picture"),
        ("the picture's sinks' share of all attention", "in_picture"),
        ("the prompt's sinks' share of all attention", "in_prompt"),
    ):
        cells = (f"{each[key]:8d}" if key == "same_answers" else f"{each[key]:8.2f}" for each in strengths.values())
        lines.append(f"{title:46s}" + "".join(cells))
    for measure in MEASURES:
        lines += ["", f"{measure:46s}" + "".join(f"{name:>8s}" for name in strengths)]
        lines += [
            f"{method:46s}" + "".join(f"{value:8.3f}" for value in row) for method, row in table(told, measure).items()
        ]
    return "\n".join(lines)


def table(told: Mapping[str, Any], measure: str) -> dict[str, list[float]]:
    """Method -> its mean with each strength; of methods with layers at mid-depth."""
    strengths = told["strengths"]
    return {
        method: [at_middle(each["methods"][method][measure]["mean"]) for each in strengths.values()]
        for method in _order(next(iter(strengths.values()))["methods"])
    }


def at_middle(figures: Sequence[float]) -> float:
    """That of half the depth, or of the one map."""
    return figures[len(figures) // 2]


def title_of(method: str) -> str:
    """What people call it."""
    return "Combined map, first formula" if method == FORMER else METHODS[method].title


def _order(methods: Mapping[str, Any]) -> list[str]:
    known = [name for name in METHODS if name in methods]
    return [*known[:1], *([FORMER] if FORMER in methods else []), *known[1:]]


def _scenes(strengths: Mapping[str, Any]) -> str:
    return f"{next(iter(strengths.values()))['scenes']} scenes, methods with layers at half the depth"


def _rounded(value: float) -> float:
    return round(float(value), 4)
