"""One map measured from end to end on the embedded model, true ones and false ones."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Cancelled
from core.analysis.objects import cells_of
from core.evaluation.trust import faithfulness, sanity
from core.evaluation.trust.assess import NOISE_STD, SAMPLES, assess
from core.evaluation.trust.reliability import split_half
from core.evaluation.trust.report import Findings, Report
from core.evaluation.trust.verdict import checks_of, judge
from core.inputs.pictures import load_picture
from core.scenes.scene import sample

SCENE = sample(1_900_003, kind="where", objects=3)
PICTURE = load_picture(SCENE.image)


@pytest.fixture(scope="module")
def result(explainer):
    """The default method at two layers and the combined map, four samples."""
    return explainer.explain(PICTURE, SCENE.question, layers=[2, 5], num_samples=4, max_new_tokens=8)


@pytest.fixture(scope="module")
def report(explainer, result):
    return assess(explainer, PICTURE, result.of("combined"))


def test_a_true_map_is_strong_and_its_report_survives_json(report, result):
    assert report.answer == result.answer.text == SCENE.answer
    assert judge(report).level == "strong"
    again = Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False)))
    assert again == report
    assert [(each.surface, each.fill) for each in report.curves] == [
        ("tokens", "mean"),
        ("pixels", "blur"),
        ("pixels", "mean"),
    ]


def test_the_object_itself_is_strong_and_its_opposite_is_weak(explainer, result):
    cells = cells_of(SCENE.masks[SCENE.answer], result.grid).astype(np.float32)
    for heat, level in ((cells, "strong"), (1 - cells, "weak"), (np.zeros_like(cells), "weak")):
        planted = replace(result.of("combined"), heat=heat[None].copy())
        assert judge(assess(explainer, PICTURE, planted)).level == level


def test_halves_are_those_of_the_runs_own_samples(explainer, result, report):
    combined = result.of("combined").request
    first = explainer.run(PICTURE, [replace(combined, num_samples=2)], answer=result.answer)[0].heat
    all_four = result.of("combined").heat
    (halves,) = split_half(first, 2 * all_four - first)
    assert (report.steadiness.samples, report.steadiness.noise_std) == (4, combined.noise_std)
    assert report.steadiness.halves == pytest.approx(halves, abs=0.01)
    assert report.steadiness.relative_error == pytest.approx(
        float(np.median(result.of("combined").stderr) / all_four.max()), rel=1e-3
    )


def test_a_map_made_without_noise_is_tried_with_some(explainer, result):
    quiet = replace(result.of("combined").request, noise_std=0.0, num_samples=1)
    (plain,) = explainer.run(PICTURE, [quiet], answer=result.answer)
    found = assess(explainer, PICTURE, plain).steadiness
    assert (found.samples, found.noise_std) == (SAMPLES, NOISE_STD)


def test_one_layer_is_measured_and_progress_only_grows(explainer, result):
    seen = []
    report = assess(explainer, PICTURE, result, 5, on_step=lambda *step: seen.append(step))
    assert report.artefacts.blank_layers == () and not report.artefacts.blank
    done = [at for _, at, _, _ in seen]
    totals = {total for _, _, total, _ in seen}
    assert totals == {3 * faithfulness.passes() + sanity.PASSES + 4}
    assert done == sorted(done) and done[0] == 0 and max(done) <= totals.pop()
    assert len({doing for doing, *_ in seen}) == 4
    # What is measured is told from then on as it stands in the report, and a verdict on it is final.
    told = [Findings.from_dict(found) for *_, found in seen]
    assert [len(checks_of(each)) for each in told] == sorted(len(checks_of(each)) for each in told)
    assert {len(checks_of(each)) for each in told} == {1, 2, 3, 6}
    assert all(check in judge(report).checks for each in told for check in checks_of(each))
    assert told[-1] == Findings(report.artefacts, report.tokens, report.pixels, report.greyed, report.sanity)


def test_stopping_leaves_the_model_as_it_was(explainer, result):
    before = {name: value.clone() for name, value in explainer.loaded.model.state_dict().items()}

    def stop(doing, done, total, found):
        if doing.startswith("Scrambling") and done > 2 * faithfulness.passes() + 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        assess(explainer, PICTURE, result, 5, on_step=stop)
    after = explainer.loaded.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not explainer.loaded.lock.locked()


def test_a_map_of_the_vision_tower_is_measured_by_the_decoders_tokens(explainer):
    tower = explainer.explain(PICTURE, SCENE.question, part="tower", layers=[2], num_samples=4, max_new_tokens=8)
    report = assess(explainer, PICTURE, tower, 2)
    assert judge(report).level != "weak"
    assert report.steadiness.samples == 4 and not report.artefacts.blank
    opposite = replace(tower, heat=tower.heat.max() - tower.heat)
    assert judge(assess(explainer, PICTURE, opposite, 2)).level == "weak"
