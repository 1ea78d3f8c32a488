"""The figures that are shipped are those of every strength, and hold what is said of them."""

from core.evaluation.benchmark.sinks.shipped import reduced, shipped
from core.evaluation.benchmark.sinks.strengths import PLAIN, STRENGTHS
from core.evaluation.benchmark.sinks.summary import table
from tests.some import some


def test_the_shipped_figures_are_of_all_strengths_and_the_combined_map_reaches_its_bars():
    told = shipped()
    assert list(told["strengths"]) == [PLAIN, *STRENGTHS] and "--sinks" in told["command"]
    for measure, bar in some([("pointing", 0.98), ("energy", 0.90), ("auc", 0.995)]):
        assert min(table(told, measure)["combined"]) >= bar
    assert all(each["same_answers"] == each["scenes"] for each in told["strengths"].values())
    # Three cells in a hundred lie on the object: what attention points at is chance and less.
    assert table(told, "pointing")["attention"][list(told["strengths"]).index("strong")] < 0.2


def test_what_is_shipped_of_a_summary_is_half_the_depth():
    ends = {"mean": [1, 2, 3, 4], "low": [0, 1, 2, 3], "high": [2, 3, 4, 5]}
    told = {"strengths": {"plain": {"scenes": 2, "methods": {"attention": {"pointing": ends}}}}}
    small = reduced(told, "2026-11-30", "a command")
    assert small["strengths"]["plain"]["methods"]["attention"]["pointing"] == {"mean": [3], "low": [2], "high": [4]}
    assert (small["day"], small["command"], small["strengths"]["plain"]["scenes"]) == ("2026-11-30", "a command", 2)
