"""Our own scenes, written in each format and read back, give exactly the figures of the built-in evaluation."""

import pytest

from core.evaluation.benchmark.runner import Plan as ScenePlan
from core.evaluation.benchmark.runner import measure_with
from core.evaluation.benchmark.summary import summary
from core.evaluation.datasets.convert import FORMATS, KINDS, write
from core.evaluation.datasets.opening import open_dataset
from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.run import evaluate
from tests.some import some

SCENES = 4
METHODS = ("combined", "gradient_deviation", "attention", "tam")


@pytest.fixture(scope="module")
def built_in(explainer):
    return summary(measure_with(explainer, ScenePlan(SCENES, 0, 0, KINDS)))


@pytest.mark.parametrize("format_name", FORMATS)
def test_figures_and_intervals_are_the_same(explainer, built_in, tmp_path, format_name):
    write(tmp_path / "data", format_name, SCENES)
    plan = Plan(methods=METHODS, layers="all", taken_apart=0, words=0)
    report = evaluate(explainer, open_dataset(tmp_path / "data"), plan, tmp_path / "out")
    assert report["counts"]["measured"] == built_in["cases"] == SCENES
    for name in some(METHODS):
        for measure in some(("pointing", "energy", "auc")):
            assert report["methods"][name][measure] == built_in["methods"][name][measure], (name, measure)
    assert report["blind"]["uniform"]["pointing"]["mean"] == [round(built_in["chance"], 4)]
