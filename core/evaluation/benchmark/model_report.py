"""A model -> how true its maps are on scenes whose truth is known, as one report for pages."""

from collections.abc import Callable
from typing import Any

from core.engine.explainer import Explainer
from core.errors import InputError
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS, SHORT
from core.evaluation.benchmark.runner import Plan, measure_with
from core.evaluation.benchmark.summary import summary

OnStep = Callable[[str, int, int], None]


def measure_model(
    explainer: Explainer,
    scenes: int,
    described: int,
    taken_apart: int,
    tower: bool,
    *,
    on_step: OnStep = lambda doing, done, total: None,
) -> dict[str, Any]:
    """Measures every method that comes of one pass, and of blocks of the vision tower those that can be read there.

    Args:
        scenes: with a short question each.
        described: with a description each, every object's name explained by itself.
        taken_apart: of the scenes, cell by cell.
        on_step: hears what is done now and how much of all is done, after each scene; what it raises stops the work.

    Returns:
        {"short", "described"}: a summary each (`core.evaluation.benchmark.summary`), plain values; None for
        descriptions where hardly any is right.

    Raises:
        InputError: the model answers hardly any short question right.
    """

    def measure(plan: Plan, doing: str, before: int) -> dict[str, Any]:
        def step(done: int) -> None:
            on_step(doing, before + done, scenes + described)

        step(0)
        return summary(measure_with(explainer, plan, tick=step))

    short = measure(Plan(scenes, 0, taken_apart, SHORT, tower=tower), "Asking about scenes whose truth is known", 0)
    try:
        plan = Plan(described, 0, 0, DESCRIPTIONS, tower=tower)
        return {"short": short, "described": measure(plan, "Having such scenes described", scenes)}
    except InputError:
        return {"short": short, "described": None}
