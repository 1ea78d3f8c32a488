"""Do maps of videos point at what the answer speaks of, where and when it is there? Clips whose truth is known.

Whoever has a model says how a clip is explained; what is measured of the maps, and how it is summed up, is said here.
Only right answers count, as of pictures (`core.evaluation.benchmark.localisation`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.analysis.time.truth import cells_over_time, energy_over_time, pointing_over_time, right_time
from core.errors import InputError, shown
from core.evaluation.benchmark.confidence import Interval, mean_interval
from core.schema import ExplainResult

CLIP_METRICS: dict[str, tuple[Callable[[np.ndarray, np.ndarray], float], str]] = {
    "pointing": (pointing_over_time, "How often the hottest cell lies on the object, at a time that is right."),
    "energy": (energy_over_time, "Share of the heat that lies on the object at the right time."),
    "right_time": (right_time, "Share of the heat in the right time steps, wherever in the picture."),
}
_ENDS = "mean", "low", "high"


@dataclass(frozen=True, eq=False)
class ClipCase:
    """One question about a clip, and the pixels that its answer means.

    Attributes:
        frames: uint8 [frames, height, width, 3].
        times: of the frames, in seconds, ascending.
        prompt: what is asked.
        answer: the right one; what else a model says is not measured.
        mask: bool [time, height, width], what the answer means in each of the model's time steps
            (`core.analysis.time.truth.steps_of_frames` makes it of frames' masks).
        kind: kind of question.
    """

    frames: np.ndarray
    times: np.ndarray
    prompt: str
    answer: str
    mask: np.ndarray
    kind: str = ""


@dataclass(eq=False)
class ClipMeasures:
    """What came out, clip by clip.

    Attributes:
        kinds: kind of question of each clip that was answered right.
        chance: how often a blind map points right, of each of them.
        values: method -> [(clip, float64 [maps, metrics] in the order of `CLIP_METRICS`)].
        wrong: clips whose answer was another.
    """

    kinds: list[str] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    values: dict[str, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    wrong: int = 0


def judge_clip(heat: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Every metric of every map, float64 [maps, metrics] in the order of `CLIP_METRICS`.

    Args:
        heat: [maps, time, grid_h, grid_w].
        mask: bool [time, height, width], the object's pixels.

    Raises:
        InputError: they are not of the same number of time steps.
    """
    cells = cells_over_time(mask, heat.shape[-2:])
    return np.array([[function(each, cells) for function, _ in CLIP_METRICS.values()] for each in heat])


def measure_clips(clips: Iterable[ClipCase], explain: Callable[[ClipCase], ExplainResult]) -> ClipMeasures:
    """Has every clip explained, and measures the maps of right answers: the result's own and its companions'.

    Args:
        explain: a clip -> its result, as of `Explainer.explain` with `video`.

    Raises:
        InputError: a result is not of a clip's time steps.
    """
    found = ClipMeasures()
    for clip in clips:
        result = explain(clip)
        if result.answer.text.strip() != clip.answer:
            found.wrong += 1
            continue
        number = len(found.kinds)
        found.kinds.append(clip.kind)
        found.chance.append(float(cells_over_time(clip.mask, result.grid).mean()))
        for name, each in {result.request.method: result, **result.companions}.items():
            found.values.setdefault(name, []).append((number, judge_clip(each.heat, clip.mask)))
    return found


def clip_summary(found: ClipMeasures) -> dict[str, Any]:
    """Plain values for JSON: means over clips with 95 % intervals, one for each map, by method and kind of question.

    Raises:
        InputError: no clip was answered right.
    """
    if not found.kinds:
        raise InputError(f"None of {shown(found.wrong)} clips was answered right: there is nothing to measure.")
    methods = {}
    for name, rows in found.values.items():
        kinds, values = [found.kinds[number] for number, _ in rows], np.stack([value for _, value in rows])
        methods[name] = {
            "clips": len(rows),
            **_figures(values),
            "by_kind": {
                kind: {"clips": kinds.count(kind), **_figures(values[[each == kind for each in kinds]])}
                for kind in dict.fromkeys(kinds)
            },
        }
    return {
        "clips": len(found.kinds),
        "wrong": found.wrong,
        "chance": round(float(np.mean(found.chance)), 4),
        "methods": methods,
    }


def clip_table(told: Mapping[str, Any]) -> str:
    """A `clip_summary` for a terminal: a line for each method, at its best map by pointing, then by energy."""
    lines = [
        f"{told['clips']} clips answered right, {told['wrong']} wrong; a blind map points right in {told['chance']:.3f}"
    ]
    lines.append(
        f"{'method':24s} {'kind':12s} clips  " + "  ".join(f"{metric:23s}" for metric in CLIP_METRICS).rstrip()
    )
    for name, row in told["methods"].items():
        best = max(range(len(row["pointing"]["mean"])), key=lambda at: (row["pointing"]["mean"][at], _energy(row, at)))
        for kind, figures in (("all", row), *row["by_kind"].items()):
            cells = "  ".join(f"{_figure(figures[metric], best):23s}" for metric in CLIP_METRICS).rstrip()
            lines.append(f"{name:24s} {kind:12s} {figures['clips']:5d}  {cells}")
    return "\n".join(lines)


def _energy(row: Mapping[str, Any], at: int) -> float:
    return row["energy"]["mean"][at]


def _figures(values: np.ndarray) -> dict[str, dict[str, list[float]]]:
    interval: Interval = mean_interval(values)
    return {
        metric: {end: [round(float(value), 4) for value in getattr(interval, end)[:, column]] for end in _ENDS}
        for column, metric in enumerate(CLIP_METRICS)
    }


def _figure(figures: Mapping[str, list[float]], at: int) -> str:
    return f"{figures['mean'][at]:.3f} ({figures['low'][at]:.3f} to {figures['high'][at]:.3f})"
