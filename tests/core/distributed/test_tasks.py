"""What a worker does, done in this process: the same numbers as the engine's own."""

import dataclasses

import numpy as np
import pytest

from core.distributed import tasks
from core.engine.moments import Moments
from core.errors import Cancelled, ModelError
from core.inputs.pictures import load_picture
from core.memory.budget import Budget
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from tests.conftest import gradient_picture

PICTURE = load_picture(gradient_picture(84, 112))


@pytest.fixture(scope="module")
def request_(explainer):
    return ExplainRequest(
        image=PICTURE.digest, prompt="What?", model=explainer.loaded.fingerprint, layers=(2, 5), num_samples=3, seed=1
    )


def test_chunks_of_samples_make_up_the_run(explainer, request_):
    context = tasks.sampling_context(explainer, PICTURE, request_, None)
    assert context.grid_of(request_) == (6, 7) and 1 <= context.chunk <= 3
    first, rest = (
        tasks.compute_samples(explainer, PICTURE, context.answer, [request_], *ends, "run-1").moments[0]
        for ends in ((0, 1), (1, 3))
    )
    (whole,) = explainer.run(PICTURE, [request_], answer=context.answer)
    merged: Moments = first.merge(rest)
    assert merged.count == 3
    np.testing.assert_allclose(merged.mean.reshape(whole.heat.shape), whole.heat, rtol=1e-3, atol=1e-6)


def test_a_model_stays_loaded_and_goes_when_the_settings_change():
    card = describe_model(device="cpu")
    one = tasks.explainer_of(card, 1, Budget())
    assert tasks.explainer_of(card, 1, Budget()) is one
    assert tasks.explainer_of(dataclasses.replace(card, device="cpu:1"), 1, Budget()) is one
    assert tasks.explainer_of(card, 2, Budget()) is not one


def test_a_model_of_other_files_is_refused():
    other = dataclasses.replace(describe_model(device="cpu"), fingerprint="another")
    with pytest.raises(ModelError, match="is another one now"):
        tasks.explainer_of(other, 1, Budget())


def test_other_work_tells_its_steps_until_it_is_stopped(explainer, monkeypatch):
    told, stopped = [], []

    class Worker:
        def log_event(self, name, step):
            told.append((name, step))

    class Event:
        def __init__(self, name):
            assert name == "call-1"

        def is_set(self):
            return bool(stopped)

    monkeypatch.setattr(tasks, "get_worker", Worker)
    monkeypatch.setattr(tasks, "Event", Event)
    clock = iter([1.0, 1.0, 1.1, 2.0, 2.0])
    monkeypatch.setattr(tasks, "monotonic", lambda: next(clock))

    def work(given, number, on_step):
        on_step("doing", 1, number)
        on_step("doing", 2, number)  # a tenth of a second later: nobody is asked
        stopped.append(True)
        on_step("doing", 3, number)

    with pytest.raises(Cancelled):
        tasks.call(explainer, (), work, (3,), "call-1")
    assert told == [("call-1", ("doing", 1, 3)), ("call-1", ("doing", 3, 3))]
