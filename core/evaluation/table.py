"""Many cases -> one table: every method, layer and kind of question, with intervals."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import numpy as np

from core.evaluation.intervals import mean_interval, paired_difference
from core.evaluation.localisation import (
    SHORT,
    SLOW_METHODS,
    cases,
    chance,
    judge,
    maps_of,
    removal_areas,
)
from core.evaluation.metrics import METRICS
from core.explainer import Explainer
from core.methods import COMBINED, METHODS, ONE_PASS_METHODS
from core.targets import DEFAULT_SCORE, Score


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        scenes: scenes that the one-pass methods are measured on.
        slow_scenes: how many of them the slow references are measured on, too.
        removal_scenes: how many of them are taken apart, by every method's map at mid-depth.
        kinds: kinds of question.
        model: folder or hub id; None for the embedded checkpoint.
    """

    scenes: int = 200
    slow_scenes: int = 40
    removal_scenes: int = 40
    kinds: tuple[str, ...] = SHORT
    score: Score = DEFAULT_SCORE
    num_samples: int = 1
    noise_std: float = 0.0
    model: str | None = None
    device: str = "auto"

    def part(self, index: int, count: int) -> "Plan":
        """The share of one of several processes."""
        share = {
            name: getattr(self, name) // count + (index < getattr(self, name) % count)
            for name in ("scenes", "slow_scenes", "removal_scenes")
        }
        return Plan(**{**self.__dict__, **share})


@dataclass(eq=False)
class Measured:
    """What came out, case by case.

    Attributes:
        kinds: kind of question of each case.
        chance: the object's share of the cells of each case.
        values: method -> [(case, float64 [maps, metrics])].
        removal: map -> [(case, deletion area, insertion area)].
        total_layers: decoder layers.
    """

    total_layers: int = 0
    kinds: list[str] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    values: dict[str, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    removal: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)

    def extend(self, other: "Measured") -> None:
        """Takes in the cases of another process."""
        first = len(self.kinds)
        self.total_layers = other.total_layers
        self.kinds += other.kinds
        self.chance += other.chance
        for name, rows in other.values.items():
            self.values.setdefault(name, []).extend((first + case, value) for case, value in rows)
        for name, rows in other.removal.items():
            self.removal.setdefault(name, []).extend((first + case, *areas) for case, *areas in rows)


def measure(plan: Plan, index: int = 0, count: int = 1, tick: Callable[[], None] = lambda: None) -> Measured:
    """Measures the share `index` of `count`. `tick` is called after each scene."""
    explainer = Explainer.from_pretrained(plan.model, device=plan.device)
    part, found = plan.part(index, count), Measured(explainer.total_layers)
    options = {"num_samples": plan.num_samples, "noise_std": plan.noise_std}
    for number, scene in enumerate(cases(explainer, part.scenes, plan.kinds, score=plan.score, share=(index, count))):
        for case in scene:
            results = maps_of(explainer, case, ONE_PASS_METHODS, **options)
            if number < part.slow_scenes:
                results |= maps_of(explainer, case, SLOW_METHODS, **options)
            position = len(found.kinds)
            found.kinds.append(case.scene.kind)
            found.chance.append(chance(case, results[COMBINED].grid))
            for name, result in results.items():
                found.values.setdefault(name, []).append((position, judge(result, case.mask)))
            if number < part.removal_scenes:
                middle = explainer.total_layers // 2
                maps = {name: result.at(middle if result.layers else None) for name, result in results.items()}
                for name, areas in removal_areas(explainer, case, maps).items():
                    found.removal.setdefault(name, []).append((position, *areas))
        tick()
    return found


def measure_in_processes(plan: Plan, processes: int) -> Measured:
    """`measure`, its scenes dealt out to several processes; which scenes are drawn depends on how many."""
    if processes == 1:
        return measure(plan)
    total = Measured()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for part in pool.map(measure, [plan] * processes, range(processes), [processes] * processes):
            total.extend(part)
    return total


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
    }


def _metrics(values: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """values [cases, maps, metrics] -> {metric: {"mean", "low", "high"}: [maps]}."""
    interval = mean_interval(values)
    return {
        metric: {
            end: [round(float(value), 4) for value in getattr(interval, end)[:, column]]
            for end in ("mean", "low", "high")
        }
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
    return "\n".join(lines)
