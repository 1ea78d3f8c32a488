"""One question of a data set -> its entry: every measure of every map of every object that its answer names.

An entry is a plain dict, written as one line of the log (`core.evaluation.protocol.log`):

    number, rows     which question of the data set, and how many of its rows are in it
    picture          names the picture: rows of one picture are no independent samples
    skipped          [row, why] of each row that could not be measured
    unnamed          rows whose object the answer does not name
    cases            for each other row: row, category, values (method -> [maps][measures]), blind (name -> [measures]),
                     removal (map -> [deletion, insertion]; only of the first answers)
    silent           TAM's func-IoU: words (how many), values (method -> [maps][thresholds], summed over words)
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.engine.explainer import Explainer
from core.errors import Cancelled, ExplainError, InputError, WorkersLost
from core.evaluation.datasets.case import Case
from core.evaluation.protocol.blind import blind_maps
from core.evaluation.protocol.measures import Truth, measured
from core.evaluation.protocol.plan import USUAL, Plan
from core.evaluation.protocol.questions import DataQuestion, target_of
from core.evaluation.protocol.removal import removal_areas
from core.evaluation.protocol.silent_words import silent_words
from core.evaluation.protocol.tam import common_thresholds, func_iou, scaled_mask
from core.inputs.pictures import Picture, load_picture
from core.models.visual_token_count import usual_max_pixels
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.methods import COMBINED
from core.schema.target import Target


@dataclass(frozen=True, eq=False)
class Found:
    """A case whose object the answer names: what is explained for it, and its pixels, bool [height, width]."""

    case: Case
    target: Target
    mask: np.ndarray


def entry_of(explainer: Explainer, question: DataQuestion, plan: Plan, folder: Path | None = None) -> dict[str, Any]:
    """Asks a question once and measures all of its cases.

    Args:
        plan: with layers in numbers, as of `Plan.for_depth`.
        folder: the model's, by which the usual pixel budget is found; None for the model's own limits.

    Returns:
        The entry; what is wrong with a picture or an object stands in it as a sentence.
    """
    entry = {"number": question.number, "rows": question.rows, "skipped": [], "unnamed": [], "cases": []}
    if question.skipped is not None:
        return entry | {"skipped": [[question.skipped.row, question.skipped.why]]}
    entry["picture"] = hashlib.sha256(str(question.picture).encode()).hexdigest()[:16]
    try:
        return entry | _measured(explainer, question, plan, folder)
    except (Cancelled, WorkersLost):
        raise
    except ExplainError as error:  # the picture, the prompt, or memory: the other questions go on
        return entry | {"skipped": [[case.row, str(error)] for case in question.cases]}


def _measured(explainer: Explainer, question: DataQuestion, plan: Plan, folder: Path | None) -> dict[str, Any]:
    picture, first = load_picture(question.picture), question.cases[0]
    request = ExplainRequest(
        image=picture.digest,
        prompt=first.prompt,
        model=explainer.loaded.fingerprint,
        layers=(),
        method=COMBINED,
        target=Target.answer(score=plan.score, sentence=first.sentence),
        num_samples=plan.num_samples,
        noise_std=plan.noise_std,
        seed=plan.seed,
        max_new_tokens=plan.max_new_tokens,
        max_pixels=_pixel_budget(plan, picture, folder),
    )
    answer = explainer.answer_to(picture, request)
    found, unnamed, skipped = [], [], []
    for case in question.cases:
        target = target_of(case, answer, plan.score)
        if target is None:
            unnamed.append(case.row)
            continue
        try:
            found.append(Found(case, target, case.region(picture.pixels.shape[:2])))
        except InputError as error:
            skipped.append([case.row, str(error)])
    told = {"skipped": skipped, "unnamed": unnamed}
    if not found:
        return told
    words = silent_words(answer, plan.words)
    targets = [each.target for each in found] + [
        Target.tokens(word.start, word.stop, score=plan.score, sentence=first.sentence) for word in words
    ]
    results = _results(explainer, picture, request, answer, targets, plan)
    cases = [
        _case(each, {name: of[number] for name, of in results.items()}, question.number, plan)
        for number, each in enumerate(found)
    ]
    if question.number < plan.taken_apart:
        for number, (each, case) in enumerate(zip(found, cases, strict=True)):
            maps = {name: _one_map(of[number], plan) for name, of in results.items()}
            about = replace(request, target=each.target)
            case["removal"] = removal_areas(explainer, picture, about, answer, maps, each.mask, plan)
    silent = {"words": len(words), "values": _silence(results, found)} if words else None
    return told | {"cases": cases} | ({"silent": silent} if silent else {})


def _pixel_budget(plan: Plan, picture: Picture, folder: Path | None) -> int | None:
    if plan.max_pixels != USUAL:
        return plan.max_pixels
    return None if folder is None else usual_max_pixels([picture.size], folder)


def _results(
    explainer: Explainer,
    picture: Picture,
    request: ExplainRequest,
    answer: Answer,
    targets: Sequence[Target],
    plan: Plan,
) -> dict[str, list[ExplainResult]]:
    """Method -> a result for each target, all from one pass."""
    asked = [
        replace(request.with_method(name, tuple(plan.layers)), target=target)
        for name in plan.methods
        for target in targets
    ]
    results = iter(explainer.run(picture, asked, answer=answer))
    return {name: [next(results) for _ in targets] for name in plan.methods}


def _case(found: Found, results: dict[str, ExplainResult], number: int, plan: Plan) -> dict[str, Any]:
    truths: dict[tuple[int, int], Truth] = {}

    def truth(grid: tuple[int, int]) -> Truth:
        if grid not in truths:
            truths[grid] = Truth.of(found.mask, found.case.box, grid)
        return truths[grid]

    values = {name: [measured(heat, truth(result.grid)) for heat in result.heat] for name, result in results.items()}
    grid = next(iter(results.values())).grid
    blind = {
        name: np.mean([measured(heat, truth(grid)) for heat in maps], axis=0).tolist()
        for name, maps in blind_maps(grid, plan.seed + number).items()
    }
    return {"row": found.case.row, "category": found.case.category, "values": values, "blind": blind}


def _one_map(result: ExplainResult, plan: Plan) -> np.ndarray:
    """The map of the measured layer in the middle, or a method's only one."""
    return result.at(plan.layers[len(plan.layers) // 2] if result.layers else None)


def _silence(results: dict[str, list[ExplainResult]], found: Sequence[Found]) -> dict[str, list[list[float]]]:
    """Method -> func-IoU at both thresholds for each map, summed over the words that follow the objects' names."""
    size = scaled_mask(found[0].mask).shape
    told = {}
    for name, of in results.items():
        rows = []
        for layer in range(len(of[0].heat)):
            common = common_thresholds([each.heat[layer] for each in of[: len(found)]], size)
            each = [func_iou(other.heat[layer], common, size) for other in of[len(found) :]]
            rows.append(np.sum(each, axis=0).tolist())
        told[name] = rows
    return told
