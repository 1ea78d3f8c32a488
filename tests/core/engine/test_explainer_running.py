"""How a run goes: stopped, cramped, from several threads, and what it leaves behind."""

import threading

import numpy as np
import pytest
import torch

from core import Cancelled, Explainer
from core.engine.one_pass import explain_chunk
from core.errors import OutOfMemoryError
from core.memory.out_of_memory import CHUNK_TOKENS
from core.models.loading import wrap_model
from tests.core.engine.sweep import QUESTION, SHORT, relative_error

EVERY_KIND = ["gradient_deviation", "attention_gradient", "tam", "input_gradient", "occlusion"]


def test_chunks_do_not_change_the_result(explainer, picture, result, monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)  # one sample a chunk
    alone = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
    assert relative_error(alone.heat, result.heat) < 1e-4
    assert relative_error(alone.stderr, result.stderr) < 1e-3
    assert relative_error(alone.combined, result.combined) < 1e-4


def test_progress_carries_the_means_so_far(explainer, picture, monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)
    steps = []
    last = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, on_progress=steps.append, **SHORT)
    steps = [step for step in steps if step.stage == "samples"]
    assert [(step.done, step.total) for step in steps] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert steps[0].partial == ()
    for step in steps[1:]:
        first, combined = step.partial
        assert (first.request, combined.request.method) == (last.request, "combined")
        assert first.num_samples == combined.num_samples == step.done and first.answer == last.answer
    one = explainer.explain(picture, QUESTION, num_samples=1, noise_std=0.4, **SHORT)
    assert np.array_equal(steps[1].partial[0].heat, one.heat)
    assert np.array_equal(steps[3].partial[0].heat, last.heat)
    assert np.array_equal(steps[3].partial[1].at(), last.combined)


def model_state(model):
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks)) for m in model.modules()]
    parameters = [(p.requires_grad, p.grad) for p in model.parameters()]
    configs = (model.config, model.config.text_config, model.config.vision_config)
    own = (model.model.rope_deltas, model.generation_config, [config._attn_implementation for config in configs])
    return hooks, [m.training for m in model.modules()], parameters, own


def test_the_model_is_left_as_it_was(explainer, picture):
    model = explainer.loaded.model
    model.train()
    list(model.parameters())[3].requires_grad_(True)
    before = model_state(model)
    wrapped = Explainer(wrap_model(model, explainer.loaded.processor))
    try:
        got = wrapped.explain(picture, QUESTION, method=EVERY_KIND, num_samples=1, **SHORT)
        assert model_state(model) == before
        wrapped.explain_words(picture, QUESTION, sentence="Top left.")
        assert model_state(model) == before
        boom = model.model.language_model.layers[5].register_forward_pre_hook(_explode)
        try:
            with_boom = model_state(model)
            with pytest.raises(RuntimeError, match="broken layer"):
                wrapped.explain(picture, QUESTION, num_samples=1, **SHORT)
            assert model_state(model) == with_boom
            for method in EVERY_KIND:
                with pytest.raises(RuntimeError, match="broken layer"):
                    wrapped.run(picture, [got.of(method).request], answer=got.answer)
                assert model_state(model) == with_boom
                assert not wrapped.loaded.lock.locked()
        finally:
            boom.remove()
    finally:
        model.eval().requires_grad_(False)


def _explode(*_):
    raise RuntimeError("broken layer")


def test_out_of_memory_halves_the_chunk_and_goes_on(explainer, picture, result, monkeypatch):
    sizes = []

    def cramped(loaded, prepared, answer, requests, samples, tick):
        sizes.append(len(samples))
        if len(samples) > 1:
            raise torch.OutOfMemoryError("no room")
        return explain_chunk(loaded, prepared, answer, requests, samples, tick)

    monkeypatch.setattr("core.engine.one_pass.explain_chunk", cramped)
    got = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
    assert sizes == [3, 1, 1, 1]
    assert relative_error(got.heat, result.heat) < 1e-4
    assert relative_error(got.combined, result.combined) < 1e-4


@pytest.mark.parametrize(("error", "expected"), [(MemoryError, OutOfMemoryError), (KeyError, KeyError)])
def test_what_is_called_runs_out_of_memory_in_a_sentence(explainer, error, expected):
    def work(given, number, on_step):
        assert given is explainer and number == 7
        on_step(1, 2)
        raise error

    steps = []
    with pytest.raises(expected):
        explainer.call(work, 7, on_step=lambda *step: steps.append(step))
    assert steps == [(1, 2)]


@pytest.mark.parametrize("stage", ["answer", "samples"])
def test_raising_from_progress_stops_the_run(explainer, picture, stage):
    def stop(progress):
        if progress.stage == stage:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        explainer.explain(picture, QUESTION, on_progress=stop, **SHORT)
    assert not explainer.loaded.lock.locked()


def test_raising_from_progress_stops_occlusion_between_its_passes(explainer, picture, result, monkeypatch):
    """One sample alone: without a word from the method itself, the run could only be stopped at its end."""
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1000)
    rounds = []

    def stop(progress):
        rounds.append(progress)
        if len(rounds) == 4:
            raise Cancelled("stopped")

    request = result.request.with_method("occlusion", ())
    with pytest.raises(Cancelled):
        explainer.run(picture, [request], answer=result.answer, on_progress=stop)
    assert [progress.done for progress in rounds] == [0] * 4 and not rounds[-1].partial
    assert not explainer.loaded.lock.locked()


def test_runs_from_several_threads_take_turns(explainer, picture, result):
    results = []

    def work():
        results.append(explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert all(np.array_equal(each.heat, result.heat) for each in results)
