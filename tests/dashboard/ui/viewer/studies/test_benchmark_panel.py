"""How true a model's maps are on known scenes, as the page shows it."""

import pytest

from dashboard.ui.viewer.studies import benchmark_panel
from tests.dashboard.jobs.studies.test_benchmark import make_evidence


def test_cases_are_counted_in_words():
    assert benchmark_panel._counted(1) == "1 phrase of a right answer"
    assert benchmark_panel._counted(40) == "40 phrases of right answers"


@pytest.mark.parametrize(
    ("kind", "measure", "score"),
    [
        ("", "auc", 0.5),
        ("color", "auc", 0.5),
        ("", "pointing", pytest.approx(0.07)),  # the object's mean share of the cells: 0.06 and 0.08
        ("", "energy", pytest.approx(0.07)),
        ("color", "pointing", None),  # not known of one kind of question alone
        ("", "best_iou", None),
    ],
)
def test_what_a_map_that_knows_nothing_would_score(kind, measure, score):
    assert benchmark_panel._blind(make_evidence()["short"], kind, measure) == score


def test_only_questions_that_were_measured_are_offered(monkeypatch):
    offered = {}

    def choose(label, titles, key, **options):
        offered.update(titles)
        return next(iter(titles))

    monkeypatch.setattr(benchmark_panel, "choose_by_title", choose)
    assert benchmark_panel._choose_questions(make_evidence()) == ("short", "")
    assert list(offered.values()) == [
        "All short questions",
        "Where is the red circle?",
        "What color is the circle?",
        "All descriptions",
        "Describe this image.",
    ]
    offered.clear()
    benchmark_panel._choose_questions({"short": make_evidence()["short"], "described": None})
    assert {source for source, _ in offered} == {"short"}
