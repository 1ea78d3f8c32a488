"""Shares of a measurement, and what they add up to."""

from core.evaluation.benchmark.runner import Measured, Plan
from tests.core.evaluation.benchmark.measured import scored


def test_a_plan_is_dealt_out_to_processes():
    plan = Plan(scenes=7, slow_scenes=3, removal_scenes=0)
    assert [plan.part(i, 2).scenes for i in (0, 1)] == [4, 3]
    assert [plan.part(i, 2).slow_scenes for i in (0, 1)] == [2, 1]


def test_processes_number_their_scenes_apart():
    shares = [
        Measured(1, ["where"] * 2, [0, 0], [0.1] * 2, {"combined": [(0, scored(1)), (1, scored(1))]}),
        Measured(1, ["where"], [0], [0.1], {"combined": [(0, scored(0))]}),
    ]
    total = Measured()
    for share in shares:
        total.extend(share)
    assert total.scenes == [0, 0, 1] and [case for case, _ in total.values["combined"]] == [0, 1, 2]
