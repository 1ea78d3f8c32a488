from dataclasses import replace

import numpy as np
import pytest

from cache import StoreError
from core import Cancelled, load_picture
from dashboard.models import LoadedModels
from dashboard.work import THUMBNAIL, compute, middle_layer


def ignore(progress):
    """Nobody watches."""


@pytest.fixture
def models(explainer):
    return LoadedModels(1, load=lambda card: explainer)


def test_a_new_question_is_computed_kept_and_written_down(ask, storage, models, explainer, chosen):
    question = ask()
    outcome = compute(question, ignore, storage=storage, models=models)
    assert outcome.kept and not outcome.stopped and not outcome.notices
    assert explainer.asked == [(question.request, None)]
    assert np.array_equal(storage.results.get(question.request).heat, outcome.result.heat)
    assert storage.pictures.get(question.request.image) == chosen.data
    row = storage.runs.get(question.id)
    assert (row.prompt, row.answer, row.picture_name) == ("Where is the red half?", "right", "two-halves.png")
    assert row.duration > 0
    assert max(load_picture(row.thumbnail).size) <= THUMBNAIL


def test_only_missing_layers_are_computed_and_the_answer_is_not_generated_again(
    ask, storage, models, explainer, explain
):
    stored = explain(ask(layers=(1, 4)).request)
    storage.results.put(stored)
    question = ask(layers=(0, 1, 4, 7))
    outcome = compute(question, ignore, storage=storage, models=models)
    (asked, answer) = explainer.asked[0]
    assert asked.layers == (0, 7)
    assert answer == stored.answer
    assert outcome.result.layers == (0, 1, 4, 7)
    assert np.array_equal(outcome.result.heat, explain(question.request).heat)


def test_another_method_reuses_the_answer(ask, storage, models, explainer, explain):
    storage.results.put(explain(ask().request))
    compute(ask(method="hirescam"), ignore, storage=storage, models=models)
    assert explainer.asked[0][1].text == "right"


def test_what_became_stored_while_waiting_in_the_queue_loads_no_model(ask, storage, explain):
    storage.results.put(explain(ask().request))
    models = LoadedModels(1, load=lambda card: pytest.fail("the model was loaded"))
    assert compute(ask(), ignore, storage=storage, models=models).kept
    assert storage.runs.get(ask().id) is not None


def test_a_stopped_run_is_kept_as_a_run_of_the_samples_it_had(ask, storage, explainer):
    explainer.samples_before_stop = 3
    outcome = compute(ask(), ignore, storage=storage, models=LoadedModels(1, load=lambda card: explainer))
    fewer = ask(num_samples=3)
    assert outcome.stopped and outcome.id == fewer.id
    assert storage.results.get(fewer.request).num_samples == 3
    assert storage.results.get(ask().request) is None
    assert storage.runs.get(fewer.id).num_samples == 3


def test_a_run_stopped_before_its_first_sample_leaves_nothing(ask, storage, explainer):
    explainer.samples_before_stop = 0
    with pytest.raises(Cancelled):
        compute(ask(), ignore, storage=storage, models=LoadedModels(1, load=lambda card: explainer))
    assert storage.runs.count() == 0


def test_a_full_store_loses_no_result(ask, storage, models, monkeypatch):
    def full(result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(storage.results, "put", full)
    outcome = compute(ask(), ignore, storage=storage, models=models)
    assert not outcome.kept
    assert outcome.notices == ("This result is shown but was not kept. The disk is full. Free some space.",)
    assert outcome.result.answer.text == "right"


def test_the_middle_layer_is_the_one_nearest_to_half_depth(ask, explain):
    assert middle_layer(explain(ask().request)) == 3
    assert middle_layer(explain(ask(layers=(0, 6, 7)).request)) == 6


def test_the_longest_unused_model_makes_room(card):
    loads = []

    def load(card):
        loads.append(card.name)
        return object()

    models = LoadedModels(2, load=load)
    for name in ("a", "b", "a", "c", "a", "b"):
        models.get(replace(card, name=name, fingerprint=name))
    assert loads == ["a", "b", "c", "b"]
