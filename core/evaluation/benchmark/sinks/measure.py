"""Every method's maps of the same scenes, of the model as shipped and with sinks of several strengths."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import torch

from core.analysis.artefacts import SINK_PEAK
from core.engine.explainer import Explainer
from core.evaluation.benchmark.localisation import LONGEST, Case, cases, judge, maps_of
from core.evaluation.benchmark.sinks.measured import FORMER, StrengthMeasured
from core.evaluation.benchmark.sinks.probe import embedded_probe
from core.evaluation.benchmark.sinks.shares import shares_of
from core.evaluation.benchmark.sinks.strengths import PLAIN, STRENGTHS, find_strength
from core.evaluation.benchmark.sinks.weights import implanted
from core.schema.methods import COMBINED, ONE_PASS_METHODS, PEAK
from core.schema.request import FORMULAS

METHODS = tuple(name for name in ONE_PASS_METHODS if name != PEAK)
FEWEST, MOST = 1, 12
"""Sinks in a picture, of those that are measured: published models have few."""


@dataclass(frozen=True)
class SinksPlan:
    """What is measured.

    Attributes:
        scenes: the same with each strength of sinks.
        strengths: names of `STRENGTHS`, or `PLAIN`.
    """

    scenes: int = 200
    strengths: tuple[str, ...] = (PLAIN, *STRENGTHS)
    num_samples: int = 1
    noise_std: float = 0.0


def explainer_of(strength: str) -> Explainer:
    """The embedded model as shipped (`PLAIN`), or with sinks of a strength; on the CPU, in its weights' type.

    Raises:
        InputError: there is no such strength.
    """
    if strength == PLAIN:
        return Explainer.from_pretrained(device="cpu")
    dtype = getattr(torch, find_strength(strength).dtype)
    explainer = Explainer.from_pretrained(implanted(strength), device="cpu")
    explainer.loaded.model.to(dtype)  # on a CPU models are loaded as float32, whatever their files hold
    return explainer


def scenes_with_sinks(explainer: Explainer, count: int, share: tuple[int, int] = (0, 1)) -> Iterator[Case]:
    """Held-out scenes that the model as shipped answers right, in which a few tokens become sinks at any strength.

    Args:
        explainer: of the model as shipped.
        share: as of `core.evaluation.benchmark.localisation.cases`.
    """
    probe, found = embedded_probe(), 0
    most, fewest = (probe.threshold(of(strength.background for strength in STRENGTHS.values())) for of in (max, min))
    for (case,) in cases(explainer, 100 * count, share=share):
        scores = probe.of(explainer, case.picture)
        if (scores > fewest).sum() >= FEWEST and (scores > most).sum() <= MOST:
            found += 1
            yield case
        if found == count:
            return


def measure(
    plan: SinksPlan, index: int = 0, count: int = 1, tick: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, StrengthMeasured]:
    """Measures the share `index` of `count` of the scenes, strength by strength: name -> what came out.

    Args:
        tick: hears how many scenes are done, each strength counted, and of how many; what it raises stops the work.

    Raises:
        InputError: there is no such strength.
    """
    own = plan.scenes // count + (index < plan.scenes % count)
    chosen = list(scenes_with_sinks(explainer_of(PLAIN), own, (index, count))) if own else []
    found, done = {strength: StrengthMeasured() for strength in plan.strengths}, 0
    for strength, measured in found.items():
        explainer = explainer_of(strength)
        for case in chosen:
            _measure_case(explainer, case, plan, measured)
            done += 1
            tick(done, len(chosen) * len(found))
    return found


def _measure_case(explainer: Explainer, case: Case, plan: SinksPlan, measured: StrengthMeasured) -> None:
    answer = explainer.answer(case.picture, case.scene.question, max_new_tokens=LONGEST)
    measured.same.append(answer.text == case.answer.text)
    measured.shares.append(shares_of(explainer, case, SINK_PEAK))
    options = {"num_samples": plan.num_samples, "noise_std": plan.noise_std}
    results = maps_of(explainer, case, METHODS, **options)
    former = replace(results[COMBINED].request, formula=FORMULAS[0])
    (results[FORMER],) = explainer.run(case.picture, [former], answer=case.answer)
    for name, result in results.items():
        measured.values.setdefault(name, []).append(judge(result.heat, case.mask))


def measure_in_processes(plan: SinksPlan, processes: int) -> dict[str, StrengthMeasured]:
    """`measure`, its scenes dealt out to several processes; which scenes are drawn depends on how many."""
    if processes == 1:
        return measure(plan)
    total = {strength: StrengthMeasured() for strength in plan.strengths}
    threads = max(1, (os.cpu_count() or 1) // processes)  # beyond the cores they would wait for one another
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=torch.set_num_threads, initargs=(threads,)
    ) as pool:
        for part in pool.map(measure, [plan] * processes, range(processes), [processes] * processes):
            for strength, measured in part.items():
                total[strength].extend(measured)
    return total
