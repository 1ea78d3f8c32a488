"""How far a map can be trusted: measured once, kept, and shown beside the map."""

from dataclasses import replace

import pytest

from cache import StoreError
from cache.keys import report_key
from core.analysis.artefacts import Artefacts
from core.engine.model_pool import ModelPool
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import find_study, trust_name
from tests.core.evaluation.trust.reports import GOOD


def make_report(answer="right", **changes):
    return replace(GOOD, **({"answer": answer, "artefacts": Artefacts(((0, 2),), 0.1)} | changes))


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def assessed(monkeypatch):
    """What `assess` was asked; it answers with a report made by hand."""
    asked = []

    def assess(explainer, picture, result, layer, *, on_step):
        asked.append((result.request.method, layer))
        on_step("Scrambling", 3, 7)
        return make_report()

    monkeypatch.setattr("core.evaluation.trust.assess.assess", assess)
    return asked


@pytest.mark.parametrize(("layer", "subject"), [(None, ("combined", None)), (4, ("gradient_deviation", 4))])
def test_a_map_is_measured_once_and_kept(ask, run, storage, explainer, assessed, layer, subject):
    models, steps = ModelPool(1, load=lambda card: explainer), []
    question = replace(ask(), study=trust_name(layer), run=run)
    assert find_study(trust_name(layer)).read(run, storage.results) is None
    for _ in range(2):
        assert compute(question, steps.append, storage=storage, backend=models).findings == make_report()
    assert assessed == [subject]
    assert steps == [Step("Scrambling", 3, 7)]
    assert find_study(trust_name(layer)).read(run, storage.results) == make_report()
    assert find_study(trust_name(5)).read(run, storage.results) is None


def test_a_report_on_another_answer_or_of_another_version_is_no_report(run, storage):
    trust, request = find_study("trust"), run.of("combined").request
    storage.results.put_report(report_key("trust", request), make_report("left").to_dict())
    assert trust.read(run, storage.results) is None
    storage.results.put_report(report_key("trust", request), {"answer": "right", "tokens": {}})
    assert trust.read(run, storage.results) is None


def test_a_report_that_cannot_be_stored_is_shown_all_the_same(ask, run, storage, explainer, assessed, monkeypatch):
    def full(*stored):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(storage.results, "put_report", full)
    question = replace(ask(), study="trust", run=run)
    models = ModelPool(1, load=lambda card: explainer)
    outcome = compute(question, lambda progress: None, storage=storage, backend=models)
    assert outcome.findings == make_report() and not outcome.kept


def test_the_badge_says_what_was_found(visit, stored, storage, run):
    name = stored()
    app = visit("compute", run=name, tab="Trust")
    assert "Trust not measured" in badges(app)
    assert app.button(key="begin-trust")
    storage.results.put_report(report_key("trust", run.of("combined").request), make_report().to_dict())
    app = visit("compute", run=name, tab="Trust")
    assert "Trust: strong" in badges(app)
    assert "a gain of 0.40" in badges(app) and "No badge says that the answer is right" in captions(app)
    assert app.pills(key="marks").options == ["Fade what is uncertain", "Outline sinks", "Hide the heat of sinks"]
    app.pills(key="marks").set_value(["sinks", "no-sinks"]).run()
    assert not app.exception
    # Another map is another badge.
    app.segmented_control(key="map").set_value("layer").run()
    assert "Trust not measured" in badges(app)


def badges(app):
    return "\n".join(element.value for element in app.markdown)


def captions(app):
    return "\n".join(element.value for element in app.caption)
