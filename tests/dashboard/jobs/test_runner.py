from dataclasses import replace

import numpy as np
import pytest

from cache import StoreError
from core import Cancelled, Progress, load_picture
from core.engine.model_pool import ModelPool
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.compute_missing import Enough
from dashboard.jobs.persist import THUMBNAIL
from dashboard.jobs.runner import _storing, compute
from tests.dashboard.watching import ignore


def test_a_new_question_is_computed_kept_and_written_down(ask, storage, backend, explainer, chosen):
    question = ask()
    outcome = compute(question, ignore, storage=storage, backend=backend)
    assert outcome.kept and not outcome.stopped and not outcome.notices
    assert explainer.asked == [(whole_run(question.request), None)]
    assert np.array_equal(storage.results.get(question.request).heat, outcome.result.heat)
    assert storage.pictures.get(question.request.image) == chosen.data
    row = storage.runs.get(question.id)
    assert (row.prompt, row.answer, row.picture_name) == ("Where is the red half?", "right", "two-halves.png")
    assert row.duration == sum(outcome.result.timings.values()) == 2.0  # loading the model is no part of it
    assert max(load_picture(row.thumbnail).size) <= THUMBNAIL


def test_only_missing_layers_are_computed_and_the_answer_is_not_generated_again(
    ask, storage, backend, explainer, explain
):
    stored = explain(ask(layers=(1, 4)).request)
    storage.results.put(stored)
    question = ask(layers=(0, 1, 4, 7))
    outcome = compute(question, ignore, storage=storage, backend=backend)
    (asked, answer) = explainer.asked[0]
    assert [(request.method, request.layers) for request in asked] == [("gradient_deviation", (0, 7)), ("combined", ())]
    assert answer == stored.answer
    assert outcome.result.layers == (0, 1, 4, 7)
    assert np.array_equal(outcome.result.heat, explain(question.request).heat)


def test_another_method_reuses_the_answer(ask, storage, backend, explainer, explain):
    storage.results.put(explain(ask().request))
    compute(ask(method="hirescam"), ignore, storage=storage, backend=backend)
    assert explainer.asked[0][1].text == "right"


def test_what_became_stored_while_waiting_in_the_queue_loads_no_model(ask, storage, explain):
    storage.results.put(gather([explain(request) for request in whole_run(ask().request)]))
    backend = ModelPool(1, load=lambda card: pytest.fail("the model was loaded"))
    assert compute(ask(), ignore, storage=storage, backend=backend).kept
    assert storage.runs.get(ask().id) is not None


def test_a_stopped_run_is_kept_as_a_run_of_the_samples_it_had(ask, storage, explainer):
    explainer.samples_before_stop = 3
    outcome = compute(ask(), ignore, storage=storage, backend=ModelPool(1, load=lambda card: explainer))
    fewer = ask(num_samples=3)
    assert outcome.stopped and outcome.id == fewer.id
    assert storage.results.get(fewer.request).num_samples == 3
    assert storage.results.get(ask().request) is None
    assert storage.runs.get(fewer.id).num_samples == 3


def test_a_run_stopped_before_its_first_sample_leaves_nothing(ask, storage, explainer):
    explainer.samples_before_stop = 0
    with pytest.raises(Cancelled):
        compute(ask(), ignore, storage=storage, backend=ModelPool(1, load=lambda card: explainer))
    assert storage.runs.count() == 0


def test_a_run_that_ended_by_itself_is_kept_as_a_run_of_the_samples_it_had(ask, storage, backend):
    def enough(progress):
        if progress.done == 4:
            raise Enough("steady")

    outcome = compute(replace(ask(), settle=True), enough, storage=storage, backend=backend)
    assert outcome.settled and not outcome.stopped and outcome.id == ask(num_samples=4).id
    assert storage.runs.get(outcome.id).num_samples == 4


def test_what_a_run_has_computed_is_stored_while_it_goes_on(ask, storage, backend, monkeypatch):
    monkeypatch.setattr("dashboard.jobs.runner.KEEP_SECONDS", -1.0)
    stored = []

    def look(progress):
        if progress.stage != "samples":
            return
        found = storage.results.get(ask(num_samples=progress.done).request, counted=False)
        stored.append(None if found is None else found.num_samples)

    compute(ask(num_samples=5), look, storage=storage, backend=backend)
    assert stored[:4] == [1, 2, 3, 4]  # a server that is killed after the fourth loses none of them


def test_what_is_told_again_is_not_stored_again(ask, storage, explain, monkeypatch):
    monkeypatch.setattr("dashboard.jobs.runner.KEEP_SECONDS", -1.0)
    kept = []
    monkeypatch.setattr("dashboard.jobs.runner.store_partial", lambda parts, results: kept.append(parts[0].num_samples))
    report = _storing(ignore, storage)
    for done in (2, 3):
        progress = Progress("samples", done, 10, (explain(ask().request, num_samples=done),))
        for _ in range(4):
            report(progress)
    assert kept == [2, 3]


def test_the_combined_map_stands_for_a_run(ask, explain):
    request = ask().request
    combined = explain(request.with_method("combined", ()))
    assert np.array_equal(gather([explain(request), combined]).headline, combined.at())
    assert np.array_equal(combined.headline, combined.at())
    # Where another method was asked for, its own map does; without a combined one, the layer nearest to half the depth.
    assert gather([explain(request.with_method("gradcam", (2,))), combined]).asked == ("gradcam", 2)
    assert np.array_equal(explain(request).headline, explain(request).at(3))


def test_a_study_that_cannot_be_stored_is_shown_all_the_same(ask, storage, backend, explain, monkeypatch):
    def full(result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(storage.results, "put", full)
    run = gather([explain(request) for request in whole_run(ask().request)])
    outcome = compute(replace(ask(), study="words", run=run), ignore, storage=storage, backend=backend)
    assert not outcome.kept and len(outcome.findings) == 1
    assert "The disk is full" in outcome.notices[0]


def test_all_pictures_are_one_run_computed_in_one_pass(ask_all, explainer, storage, backend):
    asked = ask_all(num_samples=4)
    outcome = compute(asked, lambda progress: None, storage=storage, backend=backend)
    ((requests, answer),) = explainer.asked
    assert requests == whole_run(asked.request) and answer is None and len(requests) == 6
    assert [each.request.picture for each in outcome.result.pictures] == [0, 1, 2]
    row = storage.runs.get(outcome.id)
    assert storage.runs.count() == 1 and row.names == ("two-halves.png", "b & c.png", "c.png")
    assert row.picture_name == "3 pictures: two-halves.png, b & c.png, c.png"
    assert set(storage.pictures.digests()) == set(asked.request.images)
    again = compute(asked, lambda progress: None, storage=storage, backend=backend)
    assert (
        len(explainer.asked) == 1
        and again.result.pictures[2].heat.tobytes() == outcome.result.pictures[2].heat.tobytes()
    )


def test_a_stopped_run_is_kept_for_every_picture_and_goes_on(ask_all, explainer, storage, backend):
    asked, explainer.samples_before_stop = ask_all(num_samples=8), 3
    outcome = compute(asked, lambda progress: None, storage=storage, backend=backend)
    assert outcome.stopped and [each.num_samples for each in outcome.result.pictures] == [3, 3, 3]
    explainer.samples_before_stop = None
    compute(asked, lambda progress: None, storage=storage, backend=backend)
    assert explainer.begun[-1] == [3] * 6


def test_only_the_picture_that_is_missing_is_computed(ask_all, explainer, result_of, storage, backend):
    asked = ask_all()
    storage.results.put(result_of(asked).pictures[1])
    compute(asked, lambda progress: None, storage=storage, backend=backend)
    assert [request.picture for request in explainer.asked[0][0]] == [0, 0, 2, 2]
