"""How true a model's maps are on known scenes: measured once for the model, kept, and shown beside the trust."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from core import InputError, Progress
from core.engine.model_pool import ModelPool
from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.runner import Measured
from core.evaluation.benchmark.summary import summary
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.benchmark import DESCRIBED, SCENES, TAKEN_APART, benchmark_name
from dashboard.jobs.studies.registry import find_study
from dashboard.session.keys import ViewKey
from tests.waiting import PATIENCE

LAYERS = 8


def scores(value, maps=LAYERS):
    return np.full((maps, len(METRICS)), float(value))


def make_evidence(tower=False):
    """Two scenes: the combined map is right in both, the deviation in one, the original's Grad-CAM in none."""
    rows, depth = {"gradient_deviation": (0, 1), "gradcam": (0, 0)}, 4 if tower else LAYERS
    if not tower:
        rows = {"combined": (1, 1), **rows, "tam": (0, 0)}
    maps = {name: 1 if name in ("combined", "tam") else depth for name in rows}
    short = Measured(
        total_layers=depth,
        kinds=["where", "color"],
        scenes=[0, 1],
        chance=[0.06, 0.08],
        values={
            name: [(case, scores(each, maps[name])) for case, each in enumerate(row)] for name, row in rows.items()
        },
        removal={}
        if tower
        else {
            "combined": [(0, 0.1, 0.9), (1, 0.2, 0.8)],
            "gradcam": [(0, 0.5, 0.6), (1, 0.5, 0.6)],
            "random": [(0, 0.7, 0.7), (1, 0.7, 0.7)],
        },
    )
    described = Measured(
        total_layers=depth,
        kinds=["describe_en"] * 2,
        scenes=[0, 0],
        chance=[0.06] * 2,
        values={"gradcam": [(case, scores(0, depth)) for case in (0, 1)]},
        silence={} if tower else {"gradcam": [("describe_en", np.tile([0.8, 2, 2.7, 3], (depth, 1)))]},
    )
    return {"short": summary(short), "described": summary(described)}


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def measured(monkeypatch):
    """What `measure_model` was asked; it answers with what was made by hand."""
    asked = []

    def measure(explainer, *plan, on_step):
        asked.append(plan)
        on_step("Asking", 3, 240)
        return make_evidence(plan[-1])

    monkeypatch.setattr("core.evaluation.benchmark.model_report.measure_model", measure)
    return asked


def question(ask, run, part="decoder", **changes):
    return replace(ask(**changes), study=benchmark_name(part), run=run)


@pytest.mark.parametrize("part", ["decoder", "tower"])
def test_a_model_is_measured_once_whichever_run_asks(ask, explain, run, storage, explainer, measured, part):
    backend, steps, study = ModelPool(1, load=lambda card: explainer), [], find_study(benchmark_name(part))
    assert study.read(run, storage.results) is None
    found = compute(question(ask, run, part), steps.append, storage=storage, backend=backend).findings
    assert found == make_evidence(part == "tower") and steps == [Progress("load", 0, 1), Step("Asking", 3, 240)]
    assert measured == [(SCENES, DESCRIBED, TAKEN_APART, part == "tower")]
    # Another run of the same model finds it; of another model, not.
    other = gather([explain(request) for request in whole_run(ask(prompt="What?", seed=3).request)])
    assert study.read(other, storage.results) == found
    assert compute(question(ask, other, part, prompt="What?"), steps.append, storage=storage, backend=backend).findings
    assert len(measured) == 1
    strange = explain(replace(ask().request, model="0" * 64))
    assert study.read(strange, storage.results) is None


def test_the_section_shows_figures_of_the_method_and_layer_on_display(visit, stored, storage, run):
    name = stored()
    app = visit("compute", run=name, tab="Trust")
    assert app.button(key="begin-evidence")
    find_study("evidence").save(make_evidence(), run, storage.results)
    app = visit("compute", run=name, tab="Trust")
    assert not [button for button in app.button if button.key == "begin-evidence"]
    captions = "\n".join(element.value for element in app.caption)
    assert "2 phrases of right answers" in captions and "layer 4, half the depth" in captions
    table = frame(app, "Pointing")
    assert table["Method"].tolist()[0] == "Combined map (on display)"
    assert table["Pointing"].tolist()[:2] == ["1.000 (1.000 to 1.000)", "0.500 (0.000 to 1.000)"]
    assert frame(app, "Order of removal")["Order of removal"].tolist()[-1] == "random"
    # One kind of question, another measure, and one layer in the place of the combined map.
    app.selectbox(key=ViewKey.QUESTIONS).set_value(("short", "color")).run()
    app.selectbox(key=ViewKey.MEASURE).set_value("energy").run()
    app.query_params["layer"] = "4"
    app.run()
    assert not app.exception
    captions = "\n".join(element.value for element in app.caption)
    assert "1 phrases" not in captions and "1 phrase of a right answer" in captions and "on display" in captions
    assert frame(app, "Pointing")["Pointing"].tolist()[1] == "1.000 (1.000 to 1.000)"
    app.selectbox(key=ViewKey.QUESTIONS).set_value(("described", "describe_en")).run()
    app.selectbox(key=ViewKey.MEASURE).set_value("f1").run()
    assert not app.exception
    # 0.4 and 0.9: 2 * 0.36 / 1.3
    assert frame(app, "Pointing")["F1-IoU"].tolist() == ["0.554 (0.554 to 0.554)"]


def test_blocks_of_the_vision_tower_have_evidence_of_their_own(visit, stored, storage, ask, explain):
    changes = {"part": "tower", "layers": (0, 1, 2, 3)}
    name = stored(**changes)
    run = gather([explain(request) for request in whole_run(ask(**changes).request)])
    find_study("evidence-tower").save(make_evidence(tower=True), run, storage.results)
    app = visit("compute", run=name, tab="Trust", layer="2")
    assert frame(app, "Pointing")["Map"].tolist()[0].startswith("block ")
    app.query_params["map"] = "combined"
    app.run()
    assert app.button(key="begin-evidence")  # the combined map is of the decoder, which was not measured yet


def test_a_model_that_cannot_be_measured_is_told_in_a_sentence(visit, stored, without_model, monkeypatch, wait_until):
    def refuse(explainer, *plan, on_step):
        raise InputError("Of 40 questions about coloured shapes the model answered 0 right.")

    monkeypatch.setattr("core.evaluation.benchmark.model_report.measure_model", refuse)
    app = visit("compute", run=stored(), tab="Trust")
    app.button(key="begin-evidence").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert "the model answered 0 right" in "\n".join(element.value for element in app.error)


def test_two_studies_of_a_run_may_be_under_way_at_once(visit, stored, monkeypatch, wait_until):
    gate = threading.Event()

    def wait(models, card):
        gate.wait(PATIENCE)
        raise InputError("stopped")

    monkeypatch.setattr(ModelPool, "get", wait)
    app = visit("compute", run=stored(), tab="Trust")
    app.button(key="begin-trust").click().run()
    app.button(key="begin-evidence").click().run()
    assert not app.exception and len(resources.jobs().active()) == 2
    gate.set()
    wait_until(lambda: not resources.jobs().active())


def frame(app, column):
    return next(each.value for each in app.dataframe if column in each.value.columns)
