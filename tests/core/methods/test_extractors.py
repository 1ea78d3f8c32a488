"""Each method against the model's own forward, with eager attention and all logits."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.inputs.pictures import load_picture
from core.methods import attribution
from core.methods.tam import answer_activation_map
from core.schema import Target
from tests.conftest import gradient_picture
from tests.core.inference.test_attention import eager_attention
from tests.core.inference.test_forward import QUESTION, SENTENCE, Slow

SAID = [6, 7]
PLAIN = {"num_samples": 1, "noise_std": 0.0}


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def slow(explainer, picture):
    return Slow.of(explainer.loaded, picture)


def explained(explainer, picture, method, score="logit", **given):
    """The result for the words "red square" of the sentence."""
    target = Target.words("red square", score=score, sentence=SENTENCE)
    return explainer.explain(picture, QUESTION, method=method, target=target, **{**PLAIN, **given})


@pytest.fixture(scope="module", params=["logit", "rivals"])
def eager(request, slow):
    """(score, layer -> (P, dP), both [heads, rows, sequence]) by autograd through eager attention."""
    pixels = slow.prepared.pixel_values.clone().requires_grad_()
    with eager_attention(slow) as held:
        slow.score(slow.logits(pixels), SAID, request.param).backward()
    rows = torch.tensor(SAID) + slow.prepared.prompt_length - 1
    return request.param, {layer: (p.detach()[0][:, rows], p.grad[0][:, rows]) for layer, p in held.items()}


def close(got, wanted):
    assert np.linalg.norm(wanted) > 0
    np.testing.assert_allclose(got.ravel(), wanted.ravel(), rtol=2e-3, atol=1e-4 * wanted.max())


def test_attention(explainer, picture, slow, eager):
    score, layers = eager
    got = explained(explainer, picture, "attention", score)
    for layer, (probabilities, _) in layers.items():
        close(got.at(layer), probabilities[..., slow.prepared.visual].mean(0).sum(0).numpy())


def test_attention_gradient(explainer, picture, slow, eager):
    score, layers = eager
    got = explained(explainer, picture, "attention_gradient", score)
    for layer, (probabilities, gradient) in layers.items():
        wanted = (probabilities * gradient)[..., slow.prepared.visual].clamp(min=0).mean(0).sum(0)
        close(got.at(layer), wanted.numpy())


def test_attention_rollout(explainer, picture, slow):
    with torch.no_grad(), eager_attention(slow) as held:
        slow.logits()
    rows = np.array(SAID) + slow.prepared.prompt_length - 1
    got = explained(explainer, picture, "attention_rollout", layers=[2, 5, 7])
    product, wanted = np.eye(slow.prepared.prompt_length + 9), {}
    for layer in range(7, -1, -1):
        product = product @ (held[layer][0].mean(0).double().numpy() + np.eye(len(product))) / 2
        wanted[layer] = product[rows].mean(0)[slow.prepared.visual]
    for layer in (2, 5, 7):
        close(got.at(layer), wanted[layer])


def test_attention_is_the_same_whatever_the_score_and_the_gradient_is_not(explainer, picture):
    methods = ["attention", "attention_rollout", "attention_gradient"]
    logit, rivals = (explained(explainer, picture, methods, score) for score in ("logit", "rivals"))
    assert np.array_equal(logit.heat, rivals.heat)
    assert np.array_equal(logit.of(methods[1]).heat, rivals.of(methods[1]).heat)
    assert np.abs(logit.of(methods[2]).heat - rivals.of(methods[2]).heat).max() > 0.01


def maps_of_the_upper_half(explainer, picture, method):
    result = explained(explainer, picture, method, layers=[4, 5, 6, 7])
    return torch.from_numpy(result.heat.reshape(4, -1).copy())


def test_combined_is_the_deviation_of_the_upper_half_and_what_its_attention_carries(explainer, picture, slow, eager):
    (_, layers), values, carried = eager, {}, []
    hooks = [
        layer.self_attn.v_proj.register_forward_hook(lambda _, __, out, at=at: values.__setitem__(at, out.detach()[0]))
        for at, layer in enumerate(slow.loaded.layers)
    ]
    with torch.no_grad():
        slow.logits()
    for hook in hooks:
        hook.remove()
    for layer in (4, 5, 6, 7):
        probabilities, visual = layers[layer][0], slow.prepared.visual
        heads = [values[layer].unflatten(-1, (2, 32))[visual, head // 2] for head in range(4)]  # two share one value
        carried.append(sum(probabilities[h][:, visual].sum(0) * heads[h].norm(dim=-1) for h in range(4)) / 4)
    deviation = maps_of_the_upper_half(explainer, picture, "gradient_deviation")
    wanted = attribution.combined(deviation, torch.stack(carried)).numpy()
    close(explained(explainer, picture, "combined").at(), wanted)


def test_the_first_formula_of_the_combined_map_is_still_computed(explainer, picture):
    """Runs that were stored with it are topped up and mapped word by word."""
    now = explained(explainer, picture, "combined")
    (first,) = explainer.run(picture, [replace(now.request, formula=1)], answer=now.answer)
    deviation, looked = (
        maps_of_the_upper_half(explainer, picture, method) for method in ("gradient_deviation", "attention")
    )
    close(first.at(), attribution.combined(deviation, looked).numpy())
    assert np.abs(first.at() / first.at().max() - now.at() / now.at().max()).max() > 0.01


def test_llava_cam_is_read_at_the_norm_after_attention(explainer, picture, slow):
    got = explained(explainer, picture, "llava_cam", layers=[1, 6])
    for layer in (1, 6):
        norm = slow.loaded.layers[layer].post_attention_layernorm
        close(got.at(layer), attribution.llava_cam(*slow.gradient(norm, "output", SAID)).numpy())


@pytest.mark.parametrize(("tap", "layers"), [("input", [0, 4, 7]), ("output", [0, 4])])
def test_activation_peak(explainer, picture, slow, tap, layers):
    got = explained(explainer, picture, "activation_peak", tap=tap, layers=layers)
    for layer in layers:
        activation, _ = slow.gradient(slow.loaded.layers[layer], tap, SAID)
        wanted = activation.abs().amax(-1) / activation.square().mean(-1).sqrt()
        close(got.at(layer), wanted.numpy())


@pytest.fixture(scope="module")
def lens(slow):
    """(ids of question and answer, their logits at every position, [words, sequence])."""
    with torch.no_grad():
        logits = slow.logits()
    question = slow.loaded.processor.tokenizer(QUESTION)["input_ids"]
    words = torch.tensor([*question, *slow.ids])
    return words.tolist(), logits[:, words].T.numpy()


def test_logit_lens(explainer, picture, slow, lens):
    words, logits = lens
    said = [len(words) - 9 + index for index in SAID]
    wanted = np.maximum(logits[said][:, slow.prepared.visual], 0).sum(0)
    close(explained(explainer, picture, "logit_lens").at(), wanted)


def test_tam(explainer, picture, slow, lens):
    words, logits = lens
    asked = len(words) - 9
    end = slow.prepared.prompt_length
    # The question stands before its closing token, a line break, and the three tokens that open the answer.
    question = np.arange(asked) + int(slow.prepared.visual[-1]) + 2
    assert [int(i) for i in slow.prepared.input_ids[0, question]] == words[:asked]
    places = np.concatenate([question, np.arange(end - 1, end + 8)])
    visual, text = logits[:, slow.prepared.visual], logits[:, places]
    wanted = answer_activation_map(visual, text, words, [asked + index for index in SAID], slow.prepared.grids[0])
    close(explained(explainer, picture, "tam").at(), wanted)


@pytest.mark.parametrize("method", ["combined", "attention_rollout", "tam", "logit_lens"])
def test_heat_is_the_mean_of_each_samples_own(explainer, picture, method):
    """Of two samples the standard error is half of their distance, and the mean as far from either."""
    both = explained(explainer, picture, method, num_samples=2, noise_std=0.4)
    first = explained(explainer, picture, method, num_samples=1, noise_std=0.4)
    spread = np.abs(both.heat - first.heat)
    assert both.num_samples == 2 and spread.max() > 1e-3 * both.heat.max()
    np.testing.assert_allclose(both.stderr, spread, rtol=1e-3, atol=1e-3 * spread.max())
