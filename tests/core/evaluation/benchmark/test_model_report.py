"""The report on a model that pages show: what it holds, how it is told about, and how it ends."""

import json

import pytest

from core import Cancelled
from core.errors import InputError
from core.evaluation.benchmark import model_report as evidence
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS
from core.evaluation.benchmark.model_report import measure_model
from core.evaluation.benchmark.runner import Plan, measure_with
from core.evaluation.benchmark.summary import summary


def test_it_is_the_commands_summary_of_short_questions_and_of_descriptions(explainer):
    steps = []
    found = measure_model(explainer, 3, 1, 1, False, on_step=lambda *step: steps.append(step))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["short"] == summary(measure_with(explainer, Plan(3, 0, 1)))
    assert found["short"]["scenes"] == 3 and {"combined", "gradcam", "tam"} <= set(found["short"]["methods"])
    assert found["short"]["removal"]["combined"]["cases"] == 1
    assert set(found["described"]["kinds"]) <= set(DESCRIPTIONS) and found["described"]["silence"]
    assert [(done, total) for _, done, total in steps] == [(0, 4), (1, 4), (2, 4), (3, 4), (3, 4), (4, 4)]


def test_blocks_of_the_vision_tower_are_measured_by_methods_that_can_be_read_there(explainer):
    found = measure_model(explainer, 1, 1, 1, True)
    assert found["short"]["total_layers"] == 4 and "gradcam" in found["short"]["methods"]
    assert "tam" not in found["short"]["methods"] and not found["short"]["removal"]


def test_what_hears_of_a_step_can_stop_it(explainer):
    def stop(doing, done, total):
        if done:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        measure_model(explainer, 3, 1, 0, False, on_step=stop)
    assert not explainer.loaded.lock.locked()


def test_a_model_that_only_describes_badly_has_its_short_answers_measured(explainer, monkeypatch):
    def measure(explainer, plan, tick):
        if plan.kinds == DESCRIPTIONS:
            raise InputError("hardly any is right")
        return measure_with(explainer, plan, tick=tick)

    monkeypatch.setattr(evidence, "measure_with", measure)
    found = measure_model(explainer, 1, 1, 0, False)
    assert found["described"] is None and found["short"]["scenes"] == 1
