"""Every method's maps of the same scenes, of the model as shipped and with sinks of several strengths."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import numpy as np
import torch

from core.analysis.artefacts import SINK_PEAK
from core.engine.explainer import Explainer
from core.evaluation.benchmark.localisation import LONGEST, Case, cases, judge, maps_of
from core.evaluation.benchmark.sinks.probe import embedded_probe
from core.evaluation.benchmark.sinks.shares import Shares, shares_of
from core.evaluation.benchmark.sinks.stages import PLAIN, STAGES, find_stage
from core.evaluation.benchmark.sinks.weights import implanted
from core.schema.methods import COMBINED, ONE_PASS_METHODS, PEAK
from core.schema.request import FORMULAS

FORMER = "combined_formula_1"
"""The combined map as it was before its attention was weighed, which the present one is held against."""
METHODS = tuple(name for name in ONE_PASS_METHODS if name != PEAK)
FEWEST, MOST = 1, 12
"""Sinks in a picture, of those that are measured: published models have few."""


@dataclass(frozen=True)
class SinksPlan:
    """What is measured.

    Attributes:
        scenes: the same in each stage.
        stages: names of `STAGES`, or `PLAIN`.
    """

    scenes: int = 200
    stages: tuple[str, ...] = (PLAIN, *STAGES)
    num_samples: int = 1
    noise_std: float = 0.0


@dataclass(eq=False)
class StageMeasured:
    """What came out in one stage; every list has an entry for each scene.

    Attributes:
        values: method, or `FORMER` -> float64 [maps, metrics], in the order of `METRICS`.
        same: whether the answer is that of the model as shipped.
        shares: where the answer's attention goes.
    """

    values: dict[str, list[np.ndarray]] = field(default_factory=dict)
    same: list[bool] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)

    def extend(self, other: "StageMeasured") -> None:
        """Takes in the scenes of another process."""
        self.same += other.same
        self.shares += other.shares
        for name, values in other.values.items():
            self.values.setdefault(name, []).extend(values)


def explainer_of(stage: str) -> Explainer:
    """The embedded model as shipped (`PLAIN`), or with the sinks of a stage; on the CPU, in the stage's type.

    Raises:
        InputError: there is no such stage.
    """
    if stage == PLAIN:
        return Explainer.from_pretrained(device="cpu")
    dtype = getattr(torch, find_stage(stage).dtype)
    explainer = Explainer.from_pretrained(implanted(stage), device="cpu")
    explainer.loaded.model.to(dtype)  # on a CPU models are loaded as float32, whatever their files hold
    return explainer


def scenes_with_sinks(explainer: Explainer, count: int, share: tuple[int, int] = (0, 1)) -> Iterator[Case]:
    """Held-out scenes that the model as shipped answers right, and that have a few sinks in every stage.

    Args:
        explainer: of the model as shipped.
        share: as of `core.evaluation.benchmark.localisation.cases`.
    """
    probe, found = embedded_probe(), 0
    most, fewest = (probe.threshold(of(stage.background for stage in STAGES.values())) for of in (max, min))
    for (case,) in cases(explainer, 100 * count, share=share):
        scores = probe.of(explainer, case.picture)
        if (scores > fewest).sum() >= FEWEST and (scores > most).sum() <= MOST:
            found += 1
            yield case
        if found == count:
            return


def measure(
    plan: SinksPlan, index: int = 0, count: int = 1, tick: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, StageMeasured]:
    """Measures the share `index` of `count` of the scenes, stage by stage: name -> what came out.

    Args:
        tick: hears how many scenes are done, stages counted, and of how many; what it raises stops the work.

    Raises:
        InputError: there is no such stage.
    """
    own = plan.scenes // count + (index < plan.scenes % count)
    chosen = list(scenes_with_sinks(explainer_of(PLAIN), own, (index, count))) if own else []
    found, done = {stage: StageMeasured() for stage in plan.stages}, 0
    for stage, measured in found.items():
        explainer = explainer_of(stage)
        for case in chosen:
            _measure_case(explainer, case, plan, measured)
            done += 1
            tick(done, len(chosen) * len(found))
    return found


def _measure_case(explainer: Explainer, case: Case, plan: SinksPlan, measured: StageMeasured) -> None:
    answer = explainer.answer(case.picture, case.scene.question, max_new_tokens=LONGEST)
    measured.same.append(answer.text == case.answer.text)
    measured.shares.append(shares_of(explainer, case, SINK_PEAK))
    options = {"num_samples": plan.num_samples, "noise_std": plan.noise_std}
    results = maps_of(explainer, case, METHODS, **options)
    former = replace(results[COMBINED].request, formula=FORMULAS[0])
    (results[FORMER],) = explainer.run(case.picture, [former], answer=case.answer)
    for name, result in results.items():
        measured.values.setdefault(name, []).append(judge(result.heat, case.mask))


def measure_in_processes(plan: SinksPlan, processes: int) -> dict[str, StageMeasured]:
    """`measure`, its scenes dealt out to several processes; which scenes are drawn depends on how many."""
    if processes == 1:
        return measure(plan)
    total = {stage: StageMeasured() for stage in plan.stages}
    threads = max(1, (os.cpu_count() or 1) // processes)  # beyond the cores they would wait for one another
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=torch.set_num_threads, initargs=(threads,)
    ) as pool:
        for part in pool.map(measure, [plan] * processes, range(processes), [processes] * processes):
            for stage, measured in part.items():
                total[stage].extend(measured)
    return total
