"""Many cases measured, in one process or several: every method, layer and kind of question."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np
import torch

from core.engine.explainer import Explainer
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS, SHORT
from core.evaluation.benchmark.localisation import (
    SLOW_METHODS,
    TOWER_METHODS,
    cases,
    chance,
    judge,
    maps_of,
    removal_areas,
    silence_of,
)
from core.schema.methods import ONE_PASS_METHODS
from core.schema.model_parts import Part
from core.schema.target import DEFAULT_SCORE, Score


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        scenes: scenes that the one-pass methods are measured on.
        slow_scenes: how many of them the slow references are measured on, too.
        removal_scenes: how many of them are taken apart, by every method's map at mid-depth.
        kinds: kinds of question.
        model: folder or hub id; None for the embedded checkpoint.
        tower: whether blocks of the vision tower are measured instead of decoder layers, patch by patch. They
            are neither taken apart nor held against words without a place.
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
    tower: bool = False

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
        scenes: which scene each case is of.
        chance: the object's share of the cells of each case.
        values: method -> [(case, float64 [maps, metrics])].
        removal: map -> [(case, deletion area, insertion area)].
        silence: method -> [(kind of question, sums of obj-IoU and func-IoU with their numbers of words, float64
            [maps, 4], as of `silence_of`)], one for each described scene.
        total_layers: of the part of the model that was measured.
    """

    total_layers: int = 0
    kinds: list[str] = field(default_factory=list)
    scenes: list[int] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    values: dict[str, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    removal: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)
    silence: dict[str, list[tuple[str, np.ndarray]]] = field(default_factory=dict)

    def extend(self, other: "Measured") -> None:
        """Takes in the cases of another process."""
        first, scenes = len(self.kinds), max(self.scenes, default=-1) + 1
        self.total_layers = other.total_layers
        self.kinds += other.kinds
        self.scenes += [scenes + scene for scene in other.scenes]
        self.chance += other.chance
        for name, rows in other.values.items():
            self.values.setdefault(name, []).extend((first + case, value) for case, value in rows)
        for name, rows in other.removal.items():
            self.removal.setdefault(name, []).extend((first + case, *areas) for case, *areas in rows)
        for name, rows in other.silence.items():
            self.silence.setdefault(name, []).extend(rows)


def measure(plan: Plan, index: int = 0, count: int = 1) -> Measured:
    """Measures the share `index` of `count`, with a model of its own."""
    return measure_with(Explainer.from_pretrained(plan.model, device=plan.device), plan, index, count)


def measure_with(
    explainer: Explainer, plan: Plan, index: int = 0, count: int = 1, tick: Callable[[int], None] = lambda done: None
) -> Measured:
    """Measures the share `index` of `count`, whatever model the plan names.

    Args:
        tick: hears how many scenes are done, after each; what it raises stops the work.

    Raises:
        InputError: as `core.evaluation.benchmark.localisation.cases`.
    """
    part = plan.part(index, count)
    where: Part = "tower" if plan.tower else "decoder"
    methods, found = TOWER_METHODS if plan.tower else ONE_PASS_METHODS, Measured(explainer.depth(where))
    options = {"num_samples": plan.num_samples, "noise_std": plan.noise_std}
    for number, scene in enumerate(cases(explainer, part.scenes, plan.kinds, score=plan.score, share=(index, count))):
        for case in scene:
            results = maps_of(explainer, case, methods, part=where, **options)
            if number < part.slow_scenes and not plan.tower:
                results |= maps_of(explainer, case, SLOW_METHODS, **options)
            position = len(found.kinds)
            found.kinds.append(case.scene.kind)
            found.scenes.append(number)
            found.chance.append(chance(case, results[methods[0]].grid))
            for name, result in results.items():
                found.values.setdefault(name, []).append((position, judge(result.heat, case.mask)))
            if number < part.removal_scenes and not plan.tower:
                middle = explainer.total_layers // 2
                maps = {name: result.at(middle if result.layers else None) for name, result in results.items()}
                for name, areas in removal_areas(explainer, case, maps).items():
                    found.removal.setdefault(name, []).append((position, *areas))
        kind = scene[0].scene.kind
        if kind in DESCRIPTIONS and not plan.tower:
            for name, values in silence_of(explainer, scene, ONE_PASS_METHODS).items():
                found.silence.setdefault(name, []).append((kind, values))
        tick(number + 1)
    return found


def measure_in_processes(plan: Plan, processes: int) -> Measured:
    """`measure`, its scenes dealt out to several processes; which scenes are drawn depends on how many."""
    if processes == 1:
        return measure(plan)
    total = Measured()
    # Threads beyond the cores wait for one another by spinning: it would take ten times as long.
    threads = max(1, (os.cpu_count() or 1) // processes)
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=torch.set_num_threads, initargs=(threads,)
    ) as pool:
        for part in pool.map(measure, [plan] * processes, range(processes), [processes] * processes):
            total.extend(part)
    return total
