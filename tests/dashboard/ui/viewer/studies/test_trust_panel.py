"""How far a map can be trusted: measured once, kept, and shown beside the map."""

from dataclasses import replace

import pytest

from cache import StoreError
from cache.keys import report_key
from core import Progress
from core.analysis.artefacts import Artefacts
from core.engine.model_pool import ModelPool
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import find_study, trust_name
from tests.core.evaluation.trust.reports import GOOD
from tests.dashboard.pages import viewer_head


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
    assert steps == [Progress("load", 0, 1), Step("Scrambling", 3, 7)]
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
    assert viewer_head(app)["trust"]["combined"] == {"level": "", "words": "Trust not measured"}
    assert viewer_head(app)["sinks"] == []
    assert app.button(key="begin-trust")
    storage.results.put_report(report_key("trust", run.of("combined").request), make_report().to_dict())
    app = visit("compute", run=name, tab="Trust")
    assert viewer_head(app)["trust"]["combined"] == {"level": "strong", "words": "Trust: strong"}
    assert "a gain of 0.40" in badges(app) and "No badge says that the answer is right" in captions(app)
    assert viewer_head(app)["sinks"] == [list(cell) for cell in make_report().artefacts.sinks] != []
    # Another map is another badge, and another study.
    app = visit("compute", run=name, tab="Trust", layer="3")
    assert viewer_head(app)["trust"]["gradient_deviation-3"]["words"] == "Trust not measured"
    assert app.button(key="begin-trust-3")


def begin(app, wait_until):
    """Presses the button, and waits until the work has begun; the name of the job."""
    app.button(key="begin-trust").click().run()
    name = f"{app.query_params['run']}-trust"
    wait_until(lambda: resources.jobs().get(name).progress is not None)
    return name


def measured(*parts):
    """What a study tells once these parts are measured."""
    values = make_report().to_dict()
    return {part: values[part] for part in parts}


def test_each_part_of_the_verdict_is_shown_as_soon_as_it_is_measured(visit, stored, told, assessed, wait_until):
    app = visit("compute", run=stored(), tab="Trust")
    name = begin(app, wait_until)
    assert "Still to come: Deletion and insertion of visual tokens, " in captions(app.run()) and not checks(app)
    told.tell(Step("Taking the picture apart by pixels", 250, 736, measured("artefacts", "tokens")))
    app.run()
    assert checks(app) == ["Deletion and insertion of visual tokens", "Artefacts"]
    coming = captions(app).partition("Still to come: ")[2]
    assert coming.startswith("Deletion and insertion of pixels, Depends on the model") and "Artefacts" not in coming
    assert "evidence" not in badges(app)  # no verdict before all of its parts
    told.go.set()
    wait_until(lambda: not resources.jobs().get(name).is_active)
    app.run()
    assert "strong evidence" in badges(app) and len(checks(app)) == 7 and "Still to come" not in captions(app)
    assert viewer_head(app)["trust"]["combined"]["level"] == "strong"


def test_whoever_leaves_and_comes_back_finds_it_going_on_or_done(visit, stored, told, assessed, wait_until):
    run, other = stored(), stored(prompt="another")
    app = visit("compute", run=run, tab="Trust")
    name = begin(app, wait_until)
    told.tell(Step("Taking the picture apart by pixels", 250, 736, measured("artefacts", "tokens")))
    app.query_params["run"] = other
    app.run()
    assert f"cancel-{name}" not in keys_of(app) and "Measuring how far" not in texts_of(app)
    # By the run's link, as History has it, another tab is open: that it goes on is said there, too.
    for page in (visit("compute", run=run), visit("compute", run=run, tab="Share")):
        assert "Measuring how far this map can be trusted" in texts_of(page) and f"cancel-{name}" not in keys_of(page)
        (bar,) = page.get("progress")
        assert bar.proto.text.startswith("Taking the picture apart by pixels: 250 of 736, about ")
    back = visit("compute", run=run, tab="Trust")
    assert f"cancel-{name}" in keys_of(back) and checks(back) and len(back.get("progress")) == 1
    told.go.set()
    wait_until(lambda: not resources.jobs().get(name).is_active)
    assert "strong evidence" in badges(back.run())
    assert not visit("compute", run=run).get("progress")


def test_the_trust_in_the_map_of_a_layer_says_which_it_is_of(visit, stored, told, assessed, wait_until):
    run = stored()
    app = visit("compute", run=run, tab="Trust", layer="3")
    app.button(key="begin-trust-3").click().run()
    wait_until(lambda: resources.jobs().get(f"{run}-trust-3").progress is not None)
    app = visit("compute", run=run, tab="Trust")
    assert "Measuring how far this map can be trusted (layer 3)" in texts_of(app)
    assert app.button(key="begin-trust")
    told.go.set()


def test_what_it_takes_is_known_from_the_last_time(visit, stored, told, ask):
    run = stored()
    unknown = "How long it takes is known once this was measured here with this model."
    assert unknown in captions(visit("compute", run=run, tab="Trust"))
    resources.jobs()._times.note(ask().card.name, "trust", 42.0)
    said = captions(visit("compute", run=run, tab="Trust"))
    assert "Takes about 42 s, judging by the last time here." in said
    resources.jobs().submit(ask(prompt="another"), "somebody")
    said = captions(visit("compute", run=run, tab="Trust"))
    assert "Takes about 42 s, after 1 earlier run, judging by the last time here." in said


def checks(app):
    return [
        element.value.split("**")[1]
        for element in app.markdown
        if element.value.startswith((":green[", ":orange[", ":red["))
    ]


def keys_of(app):
    return [button.key for button in app.button]


def texts_of(app):
    return "\n".join(element.value for element in app.text)


def badges(app):
    return "\n".join(element.value for element in app.markdown)


def captions(app):
    return "\n".join(element.value for element in app.caption)
