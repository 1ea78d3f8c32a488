"""Nothing is computed twice: exactly the samples and layers that are missing go through the model."""

from dataclasses import replace

import numpy as np
import pytest

from cache import StoreError, look_up
from core import Cancelled
from core.engine import one_pass
from core.engine.model_pool import ModelPool
from core.memory.out_of_memory import CHUNK_TOKENS
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.formatting import what_is_left
from dashboard.jobs.compute_missing import Stopped, compute_missing
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import STUDIES, method_requests
from tests.dashboard.watching import ignore


def stop_at(done):
    def report(progress):
        if progress.stage == "samples" and progress.done >= done:
            raise Cancelled("stopped")

    return report


@pytest.fixture
def run(storage, backend):
    def run_(question, on_progress=ignore):
        return compute(question, on_progress, storage=storage, backend=backend)

    return run_


def left(storage, question):
    return what_is_left(look_up(storage.results, whole_run(question.request)))


def test_ten_samples_stored_and_thirty_asked_compute_twenty(ask, storage, run, explainer):
    assert left(storage, ask(num_samples=30)) == ""
    run(ask())
    assert left(storage, ask(num_samples=30)) == "10 of 30 samples stored, 20 to compute"
    outcome = run(ask(num_samples=30))
    assert explainer.begun == [[0, 0], [10, 10]]
    assert explainer.asked[1] == (whole_run(ask(num_samples=30).request), outcome.result.answer)
    assert storage.runs.get(ask(num_samples=30).id).computed_samples == 20
    for count in (10, 30):  # neither takes the other's place
        assert storage.results.get(ask(num_samples=count).request).num_samples == count
    assert run(ask(num_samples=30)).kept and len(explainer.asked) == 2


def test_some_layers_at_thirty_some_at_ten_some_missing(ask, storage, run, explainer):
    run(ask(layers=(0, 1), num_samples=30))
    run(ask(layers=(1, 2, 3), num_samples=10))
    question = ask(layers=(0, 1, 2, 3, 7), num_samples=30)
    assert left(storage, question) == "3 of 6 maps stored, 3 to compute"
    outcome = run(question)
    asked, _ = explainer.asked[-1]
    assert [request.layers for request in asked] == [(2, 3), (7,)] and explainer.begun[-1] == [10, 0]
    assert outcome.result.layers == (0, 1, 2, 3, 7) and outcome.result.num_samples == 30


def test_a_stopped_run_goes_on_where_it_stopped(ask, storage, explainer, run):
    explainer.samples_before_stop = 4
    outcome = run(ask(num_samples=30))
    assert outcome.stopped and outcome.result.num_samples == 4
    explainer.samples_before_stop = 9
    outcome = run(ask(num_samples=30))
    assert outcome.stopped and outcome.result.num_samples == 9
    assert storage.runs.get(outcome.id).computed_samples == 5
    explainer.samples_before_stop = None
    assert run(ask(num_samples=30)).result.num_samples == 30
    assert explainer.begun[-1] == [9, 9] and storage.runs.get(ask(num_samples=30).id).computed_samples == 21


def test_stopped_while_layers_catch_up_every_sample_is_kept(ask, storage, explainer, run):
    run(ask(layers=(0, 1), num_samples=10))
    explainer.samples_before_stop = 3
    outcome = run(ask(layers=(0, 1, 5), num_samples=30))
    # Layers 0, 1 and the combined map have ten samples, layer 5 three: the largest run is that of ten.
    assert outcome.stopped and outcome.result.layers == (0, 1) and outcome.result.num_samples == 10
    assert storage.runs.get(outcome.id).computed_samples == 10  # as it once was, not as it was read now
    assert left(storage, ask(layers=(0, 1, 5), num_samples=30)) == "4 of 4 maps begun, 27 samples to compute"
    assert left(storage, ask(layers=(0, 1, 5, 6), num_samples=30)) == "4 of 5 maps begun, 30 samples to compute"
    explainer.samples_before_stop = None
    run(ask(layers=(0, 1, 5), num_samples=30))
    assert [request.layers for request in explainer.asked[-1][0]] == [(0, 1), (5,), ()]
    assert explainer.begun[-1] == [10, 3, 10]


def test_stopped_before_there_is_a_run_the_samples_are_kept(ask, storage, explainer, run, explain):
    storage.results.put(explain(ask(num_samples=30).request))  # all but the combined map
    explainer.samples_before_stop = 7
    with pytest.raises(Cancelled):
        run(ask(num_samples=30))
    assert storage.runs.count() == 0
    assert left(storage, ask(num_samples=30)) == "8 of 9 maps stored, 1 to compute with 23 more samples"


def test_a_stopped_study_is_gone_on_with(ask, storage, explainer, run, explain):
    finished = gather([explain(request) for request in whole_run(ask().request)])
    storage.results.put(finished)
    study = replace(ask(), study="methods", run=finished)
    explainer.samples_before_stop = 6
    with pytest.raises(Stopped):
        run(study)
    explainer.samples_before_stop = None
    found = run(study).findings
    wanted = method_requests(finished, tuple(request.method for request in explainer.asked[0][0]))
    assert [request.method for request in explainer.asked[1][0]] == [request.method for request in wanted]
    assert set(explainer.begun[1]) == {6} and explainer.asked[1][1] == finished.answer
    assert all(result.num_samples == 10 for result in found)
    assert STUDIES["methods"].read(finished, storage.results) is not None


def test_what_cannot_be_kept_of_a_stopped_run_is_shown(ask, storage, explainer, run, monkeypatch, caplog):
    def full(result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(storage.results, "put", full)
    explainer.samples_before_stop = 3
    outcome = run(ask())
    assert outcome.stopped and not outcome.kept and outcome.result.num_samples == 3
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize("stopped", [False, True])
def test_with_a_model_exactly_what_is_missing_is_computed(ask, chosen, storage, card, monkeypatch, stopped):
    """The embedded model, and every sample that goes through it counted."""
    from core import Explainer

    engine, sizes, real = Explainer.from_pretrained(card), [], one_pass.answer_states

    def counting(loaded, turn, features, counted):
        sizes.append(len(features))
        return real(loaded, turn, features, counted)

    monkeypatch.setattr(one_pass, "answer_states", counting)
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)
    backend = ModelPool(1, load=lambda card: engine)

    def go(on_progress=ignore, **changes):
        sizes.clear()
        question = ask(max_new_tokens=4, noise_std=0.4, **changes)
        return compute(question, on_progress, storage=storage, backend=backend).result

    if stopped:
        assert go(stop_at(2), num_samples=6).num_samples == 2
    else:
        go(num_samples=2)
    assert sum(sizes) == 2
    grown = go(num_samples=6)
    assert sum(sizes) == 4
    go(num_samples=6)
    assert sum(sizes) == 0
    whole = [replace(request, num_samples=6) for request in whole_run(grown.request)]
    at_once = engine.run(chosen.picture, whole, answer=grown.answer)
    for got, wanted in zip((grown, grown.of("combined")), at_once, strict=True):
        assert got.num_samples == 6
        np.testing.assert_allclose(got.heat, wanted.heat, rtol=1e-5, atol=1e-6 * wanted.heat.max())
        np.testing.assert_allclose(got.stderr, wanted.stderr, rtol=1e-4, atol=1e-6 * wanted.heat.max())


def test_nothing_missing_asks_nothing(ask, storage, explain):
    storage.results.put(explain(ask().request))
    assert compute_missing(look_up(storage.results, [ask().request]), None, None, ignore) == []
