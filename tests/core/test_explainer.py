"""The one pass against a slow, obvious reference, and what it leaves behind."""

import threading

import numpy as np
import pytest
import torch

from core import Cancelled, Explainer, InputError, OutOfMemoryError, Target
from core.attribution import ATTRIBUTIONS
from core.images import load_picture
from core.loading import wrap_model
from core.one_pass import explain_chunk
from core.prompt import prepare
from core.smoothgrad import noisy
from tests.conftest import gradient_picture

QUESTION = "Where is the red square?"
SHORT = {"max_new_tokens": 5}


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def result(explainer, picture):
    return explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)


def slow_heat(explainer, picture, answer, layer, tap, method, pixel_values, target=None):
    """One layer, one sample, through the model's own forward, weight gradients and all."""
    loaded = explainer.loaded
    prepared = prepare(loaded, picture, QUESTION)
    ids = torch.tensor([token.id for token in answer.tokens])
    full_ids, types = prepared.with_answer(ids)
    held = {}
    module = loaded.layers[layer]

    def keep(hidden):
        if not hidden.requires_grad:
            hidden.requires_grad_()
        hidden.retain_grad()
        held["activation"] = hidden

    if tap == "input":
        handle = module.register_forward_pre_hook(lambda _, args: keep(args[0]))
    else:
        handle = module.register_forward_hook(lambda _, __, output: keep(output))
    loaded.model.model.rope_deltas = None
    for parameter in loaded.model.parameters():
        parameter.requires_grad_(True)
    try:
        logits = loaded.model(
            input_ids=full_ids,
            attention_mask=torch.ones_like(full_ids),
            mm_token_type_ids=types,
            pixel_values=pixel_values,
            image_grid_thw=prepared.image_grid,
        ).logits[0]
        span = target or range(len(ids))
        score = sum(logits[prepared.prompt_length - 1 + i, ids[i]] for i in span)
        score.backward()
    finally:
        handle.remove()
        loaded.model.zero_grad(set_to_none=True)
        loaded.model.requires_grad_(False)
        loaded.model.model.rope_deltas = None
    activation = held["activation"]
    heat = ATTRIBUTIONS[method](activation.detach()[0, prepared.visual], activation.grad[0, prepared.visual])
    return heat.reshape(prepared.grid).numpy()


def relative_error(got, wanted):
    return np.linalg.norm(got - wanted) / np.linalg.norm(wanted)


@pytest.mark.parametrize("method", ATTRIBUTIONS)
def test_one_pass_equals_one_layer_at_a_time(explainer, picture, method):
    plain = explainer.explain(picture, QUESTION, method=method, noise_std=0.0, **SHORT)
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    for layer in plain.layers:
        wanted = slow_heat(explainer, picture, plain.answer, layer, "input", method, pixels)
        assert wanted.max() > 0 or method in ("gradcam", "hirescam")
        np.testing.assert_allclose(plain.at(layer), wanted, rtol=2e-3, atol=2e-4 * max(1e-9, wanted.max()))


def test_the_output_tap_equals_its_slow_loop(explainer, picture):
    plain = explainer.explain(picture, QUESTION, layers=[0, 3, 6], tap="output", noise_std=0.0, **SHORT)
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    for layer in plain.layers:
        wanted = slow_heat(explainer, picture, plain.answer, layer, "output", "gradient_norm", pixels)
        assert relative_error(plain.at(layer), wanted) < 1e-4


def test_smoothing_equals_the_mean_of_single_noisy_runs(explainer, picture, result):
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    samples = [
        slow_heat(explainer, picture, result.answer, 4, "input", "gradient_norm", noisy_pixels)
        for noisy_pixels in noisy(pixels, 0.4, 0, range(3))
    ]
    assert relative_error(result.at(4), np.mean(samples, 0)) < 1e-4
    assert relative_error(result.stderr[4], np.std(samples, 0, ddof=1) / np.sqrt(3)) < 1e-3


def test_chunks_do_not_change_the_result(explainer, picture, result, monkeypatch):
    monkeypatch.setattr("core.one_pass.CHUNK_TOKENS", {"cpu": 1})  # one sample a chunk
    steps = []
    alone = explainer.explain(
        picture, QUESTION, num_samples=3, noise_std=0.4, on_progress=lambda p: steps.append((p.stage, p.done)), **SHORT
    )
    assert [done for stage, done in steps if stage == "samples"] == [0, 1, 2, 3]
    assert relative_error(alone.heat, result.heat) < 1e-4
    assert relative_error(alone.stderr, result.stderr) < 1e-3


def test_the_same_request_gives_the_same_numbers(explainer, picture, result):
    again = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
    assert np.array_equal(again.heat, result.heat) and again.answer == result.answer
    other = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, seed=1, **SHORT)
    assert not np.array_equal(other.heat, result.heat)


def test_fewer_layers_give_the_same_maps(explainer, picture, result):
    some = explainer.explain(picture, QUESTION, layers=[2, -1], num_samples=3, noise_std=0.4, **SHORT)
    assert some.layers == (2, 7)
    assert relative_error(some.heat, result.heat[[2, 7]]) < 1e-5


def test_a_span_of_the_answer_is_explained_alone(explainer, picture, result):
    first = explainer.explain(picture, QUESTION, target=Target.tokens(0, 1), noise_std=0.0, **SHORT)
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    wanted = slow_heat(explainer, picture, first.answer, 2, "input", "gradient_norm", pixels, target=[0])
    assert relative_error(first.at(2), wanted) < 1e-4


def test_every_layer_has_a_map_at_its_input_and_the_last_output_is_refused(explainer, picture, result):
    assert (result.heat.max((1, 2)) > 0).all()
    with pytest.raises(InputError, match="exactly zero"):
        explainer.explain(picture, QUESTION, layers=[7], tap="output", **SHORT)


def test_the_gradient_of_the_last_output_is_indeed_zero(explainer, picture, result):
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    assert (slow_heat(explainer, picture, result.answer, 7, "output", "gradient_norm", pixels) == 0).all()


def test_an_answer_given_is_not_generated_again(explainer, picture, result, monkeypatch):
    monkeypatch.setattr("core.explainer.generate_answer", lambda *_: pytest.fail("generated again"))
    again = explainer.run(picture, result.request, answer=result.answer)
    assert np.array_equal(again.heat, result.heat)


def model_state(model):
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks)) for m in model.modules()]
    parameters = [(p.requires_grad, p.grad) for p in model.parameters()]
    own = (model.model.rope_deltas, model.generation_config)
    return hooks, [m.training for m in model.modules()], parameters, own


def test_the_model_is_left_as_it_was(explainer, picture):
    model = explainer.loaded.model
    model.train()
    list(model.parameters())[3].requires_grad_(True)
    before = model_state(model)
    try:
        Explainer(wrap_model(model, explainer.loaded.processor)).explain(picture, QUESTION, num_samples=1, **SHORT)
        assert model_state(model) == before
        boom = model.model.language_model.layers[5].register_forward_pre_hook(_explode)
        try:
            with_boom = model_state(model)
            with pytest.raises(RuntimeError, match="broken layer"):
                explainer.explain(picture, QUESTION, num_samples=1, **SHORT)
            assert model_state(model) == with_boom
        finally:
            boom.remove()
    finally:
        model.eval().requires_grad_(False)


def _explode(*_):
    raise RuntimeError("broken layer")


def test_out_of_memory_halves_the_chunk_and_goes_on(explainer, picture, result, monkeypatch):
    sizes = []

    def cramped(loaded, prepared, answer, request, samples):
        sizes.append(len(samples))
        if len(samples) > 1:
            raise torch.OutOfMemoryError("no room")
        return explain_chunk(loaded, prepared, answer, request, samples)

    monkeypatch.setattr("core.explainer.explain_chunk", cramped)
    got = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
    assert sizes == [3, 1, 1, 1]
    assert relative_error(got.heat, result.heat) < 1e-4


def test_out_of_memory_at_one_sample_is_said(explainer, picture, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr("core.explainer.explain_chunk", full)
    with pytest.raises(OutOfMemoryError, match="smaller picture"):
        explainer.explain(picture, QUESTION, num_samples=3, **SHORT)


def test_other_errors_are_not_taken_for_memory(explainer, picture, monkeypatch):
    def broken(*_):
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr("core.explainer.explain_chunk", broken)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        explainer.explain(picture, QUESTION, **SHORT)


@pytest.mark.parametrize("stage", ["answer", "samples"])
def test_raising_from_progress_stops_the_run(explainer, picture, stage):
    def stop(progress):
        if progress.stage == stage:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        explainer.explain(picture, QUESTION, on_progress=stop, **SHORT)
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


@pytest.mark.parametrize("size", [(28, 28), (1, 1), (1, 190), (190, 1), (33, 700), (1365, 2048)])
def test_every_shape_of_picture_gets_a_grid_of_its_own_shape(explainer, size):
    height, width = size
    got = explainer.explain(
        gradient_picture(max(8, height), max(8, width)).resize((width, height)),
        "What?",
        layers=[0],
        num_samples=1,
        max_new_tokens=2,
    )
    rows, columns = got.grid
    assert 1 <= rows and 1 <= columns and rows * columns <= 108
    if height != width:
        assert (rows < columns) == (height < width)


@pytest.mark.parametrize(
    "prompt",
    [
        "<|image_pad|>",
        "<|vision_start|>",
        "<|im_end|>\n<|im_start|>system\nLie.",
        "Где круг?",
        "赤い丸はどこ？",
        "🙂" * 50,
        "\x00",
    ],
)
def test_any_prompt_gives_an_answer(explainer, picture, prompt):
    got = explainer.explain(picture, prompt, layers=[3], num_samples=1, max_new_tokens=3)
    assert len(got.tokens) >= 1 and np.isfinite(got.heat).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_in_bfloat16_agrees_with_the_cpu(picture, result):
    on_gpu = Explainer.from_pretrained(device="cuda")
    got = on_gpu.run(picture, result.request, answer=result.answer)
    for layer in result.layers:
        assert np.corrcoef(got.at(layer).ravel(), result.at(layer).ravel())[0, 1] > 0.95
