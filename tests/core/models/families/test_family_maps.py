"""For every family, all methods of the one pass against its model's own forward, a layer and a sample at a time."""

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.inference.forward import answer_logits, build_sequence, encode
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.memory.fit import recomputing
from core.methods import attribution
from core.methods.pixels import occlusion_windows
from core.methods.tam import answer_activation_map
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from core.schema.methods import METHODS
from tests.conftest import gradient_picture
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow, own_decoder, own_head
from tests.some import some

NOISE = 0.4
SAMPLES = range(2)


def request_for(method, total, **given):
    layers = tuple(range(total)) if METHODS[method].per_layer else ()
    values = {"layers": layers, "num_samples": len(SAMPLES), "noise_std": NOISE, **given}
    return ExplainRequest(
        image="i", prompt=QUESTION, model="m", method=method, target=Target.answer(sentence=SENTENCE), **values
    )


def run(slow, requests, samples=SAMPLES):
    with slow.loaded.lock, frozen(slow.loaded.model):
        return explain_chunk(slow.loaded, slow.prepared, slow.answer, requests, samples)


def assert_alike(found, wanted, rtol=2e-3):
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=1e-3 * np.abs(wanted).max())


@pytest.fixture(scope="module")
def samples(slow):
    return noisy(slow.prepared.pixel_values, NOISE, 0, SAMPLES)


@pytest.fixture(scope="module")
def together(slow):
    """method -> mean heat [maps, cells], all of one pass."""
    names = [name for name, method in METHODS.items() if not method.own_passes]
    found = run(slow, [request_for(name, len(slow.loaded.layers)) for name in names])
    return {name: moments.mean for name, moments in zip(names, found, strict=True)}


@pytest.fixture(scope="module")
def inputs(slow, samples):
    """layer -> (activation, gradient) at its input, for each sample."""
    return [[slow.gradient(layer, "input", pixels) for pixels in samples] for layer in slow.loaded.layers]


@pytest.fixture(scope="module")
def attentions(slow, samples):
    """sample -> layer -> (probabilities, gradient)."""
    return [slow.attentions(pixels) for pixels in samples]


def test_every_method_finds_something(slow, together):
    cells = slow.prepared.layouts[0].cells
    for name, heat in some(together.items()):
        assert heat.shape == (len(slow.loaded.layers) if METHODS[name].per_layer else 1, cells)
        assert np.isfinite(heat).all() and heat.min() >= 0 and heat.max() > 0, name


@pytest.mark.parametrize("method", ["gradcam", "gradient_norm", "hirescam", "layercam", "gradient_deviation"])
def test_gradient_methods_equal_the_slow_loop(slow, together, inputs, method):
    for layer, each in some(enumerate(inputs)):
        heat = [slow.spread(getattr(attribution, method)(*pair)) for pair in each]
        wanted = torch.stack(heat).mean(0)
        # What vanishes but for rounding is compared with what it is the rest of.
        scale = max(float((a.norm(dim=-1) * g.norm(dim=-1)).max()) for a, g in each)
        np.testing.assert_allclose(together[method][layer], wanted, rtol=2e-3, atol=1e-4 * scale)


def test_a_layers_output_is_the_next_ones_input(slow, together):
    total = len(slow.loaded.layers)
    (found,) = run(slow, [request_for("gradient_norm", total, layers=tuple(range(total - 1)), tap="output")])
    if hasattr(slow.loaded.model.config.vision_config, "deepstack_visual_indexes"):
        return  # Features are added between layers.
    assert_alike(found.mean, together["gradient_norm"][1:])


def test_llava_cam_reads_what_the_feed_forward_part_is_given(slow, together, samples):
    for layer, module in some(enumerate(slow.loaded.layers)):
        heat = [slow.spread(attribution.llava_cam(*slow.gradient(module.mlp, "input", p))) for p in samples]
        assert_alike(together["llava_cam"][layer], torch.stack(heat).mean(0))


def test_attention_equals_eager_attention(slow, together, attentions):
    rows, visual = slow.rows, slow.prepared.visual
    for layer in some(range(len(slow.loaded.layers))):
        looks = [sample[layer][0][:, rows][..., visual] for sample in attentions]
        heat = [slow.spread(p.mean(0).sum(0)) for p in looks]
        assert_alike(together["attention"][layer], torch.stack(heat).mean(0))
        gradients = [sample[layer][1][:, rows][..., visual] for sample in attentions]
        heat = [slow.spread((p * g).relu().mean(0).sum(0)) for p, g in zip(looks, gradients, strict=True)]
        assert_alike(together["attention_gradient"][layer], torch.stack(heat).mean(0))


def test_rollout_equals_the_product_of_whole_matrices(slow, together, attentions):
    rows, visual, total = slow.rows, slow.prepared.visual, len(slow.loaded.layers)
    for layer in some(range(total)):
        heat = []
        for sample in attentions:
            product = torch.eye(sample[0][0].shape[-1])
            for index in reversed([each for each in slow.attending if each >= layer]):
                mean = sample[index][0].mean(0)
                product = product @ (mean + torch.eye(len(mean))) / 2
            heat.append(slow.spread(product[rows].mean(0)[visual]))
        assert_alike(together["attention_rollout"][layer], torch.stack(heat).mean(0))


def test_the_combined_map(slow, together, inputs, attentions, samples):
    rows, visual = slow.rows, slow.prepared.visual
    total, heat = len(slow.loaded.layers), []
    counting = total - (getattr(own_decoder(slow.loaded.model).config, "num_kv_shared_layers", 0) or 0)
    layers = range(counting // 2, counting)
    for index, sample in enumerate(attentions):
        deviation = torch.stack([attribution.gradient_deviation(*inputs[layer][index]) for layer in layers])
        upper = [layer for layer in slow.attending if layer >= total // 2]
        norms = slow.value_norms(samples[index])
        carried = [sample[layer][0][:, rows][..., visual].sum(1) * norms[layer][:, visual] for layer in upper]
        looks = torch.stack([each.mean(0) for each in carried])
        heat.append(slow.spread(deviation.log().mean(0).exp() * looks.mean(0)))
    assert_alike(together["combined"][0], torch.stack(heat).mean(0))


@pytest.fixture(scope="module")
def lens(slow, samples):
    """sample -> logits of the words at every position that leaves the last layer, [sequence, words]."""
    words = torch.cat([slow.prepared.input_ids[0, slow.prepared.question], slow.ids])
    model, found = slow.loaded.model, []
    for pixels in samples:
        hidden = slow.last_hidden(pixels)
        with torch.no_grad():
            logits = own_head(model, hidden)
            torch.testing.assert_close(logits, slow.outputs(pixels).logits[0], rtol=1e-4, atol=1e-4)
        found.append(logits[:, words])
    return words, found


def test_the_logit_lens(slow, together, lens):
    _, logits = lens
    answer = slice(len(slow.prepared.question), None)
    heat = [slow.spread(each[slow.prepared.visual, answer].relu().sum(-1)) for each in logits]
    assert_alike(together["logit_lens"][0], torch.stack(heat).mean(0))


def test_tam(slow, together, lens):
    """The filter sees one tile of the picture at a time; what is before it, all tokens."""
    words, logits = lens
    positions = torch.cat([slow.prepared.question, slow.rows])
    targets = list(range(len(slow.prepared.question), len(words)))
    tiles = slow.prepared.layouts[0].tiles
    if len(tiles) > 1:
        assert together["tam"].shape == (1, slow.prepared.layouts[0].cells) and together["tam"].max() > 0
        return
    heat = []
    for each in logits:
        visual, text = each[slow.prepared.visual].T.numpy(), each[positions].T.numpy()
        grid = (tiles[0].rows, tiles[0].columns)
        found = answer_activation_map(visual, text, words.tolist(), targets, grid)
        heat.append(slow.spread(torch.from_numpy(found).flatten()))
    assert_alike(together["tam"][0], torch.stack(heat).mean(0), rtol=5e-3)


def slow_cells(slow, values):
    """Sums over the pixels of each cell, by the pixel layout's own map, pixel by pixel group."""
    cells = slow.loaded.family.pixel_layout.cells(slow.prepared.pixel_values, slow.prepared.layouts)
    cells = cells.expand(values.shape)
    return torch.stack([values[cells == cell].sum() for cell in range(slow.prepared.layouts[0].cells)])


def test_input_gradient_equals_autograd(slow, together, samples):
    heat = [slow_cells(slow, slow.pixel_gradient(pixels) ** 2).sqrt() for pixels in samples]
    assert_alike(together["input_gradient"][0], torch.stack(heat).mean(0))


def mean_colour(slow, pixels):
    """Each channel of the picture at its mean, for layouts with one image or more."""
    pixel_layout, layouts = slow.loaded.family.pixel_layout, slow.prepared.layouts
    inside = pixel_layout.cells(pixels, layouts).expand(pixels.shape) >= 0
    channels, flat = pixel_layout.channels(pixels).expand(pixels.shape), pixels.clone()
    for channel in range(3):
        of_it = inside & (channels == channel)
        flat[of_it] = pixels[of_it].mean()
    return flat


def test_integrated_gradients_equal_the_slow_loop(slow, monkeypatch):
    monkeypatch.setattr("core.methods.pixels.PATH_STEPS", 3)
    pixels = slow.prepared.pixel_values
    (found,) = run(slow, [request_for("integrated_gradients", 1, noise_std=0.0, num_samples=1)], range(1))
    baseline = mean_colour(slow, pixels)
    slopes = [slow.pixel_gradient(baseline + share * (pixels - baseline)) for share in (1 / 6, 1 / 2, 5 / 6)]
    assert_alike(found.mean[0], slow_cells(slow, (pixels - baseline) * sum(slopes) / 3).abs())


def test_occlusion_equals_the_slow_loop(family):
    slow = Slow.of(family.loaded, load_picture(gradient_picture(58, 90)))
    pixels = slow.prepared.pixel_values
    (found,) = run(slow, [request_for("occlusion", 1, noise_std=0.0, num_samples=1)], range(1))
    cells = slow.loaded.family.pixel_layout.cells(pixels, slow.prepared.layouts).expand(pixels.shape)
    flat, windows = mean_colour(slow, pixels), occlusion_windows(slow.prepared.layouts[0].grid)
    with torch.no_grad():
        whole, drops = slow.score(slow.outputs()), []
        for window in windows:
            hidden = window[cells.clamp(min=0)] & (cells >= 0)
            drops.append(whole - slow.score(slow.outputs(torch.where(hidden, flat, pixels))))
    wanted = torch.stack([torch.stack(drops)[windows[:, cell]].mean() for cell in range(windows.shape[1])]).relu()
    np.testing.assert_allclose(found.mean[0], wanted, rtol=1e-2, atol=1e-4 * float(whole.abs()))
    assert found.mean.max() > 0


def test_samples_together_equal_each_alone(slow, samples):
    sequence = build_sequence(slow.loaded, slow.prepared, slow.answer)
    with torch.no_grad():
        features = encode(slow.loaded, sequence, samples)
        logits = answer_logits(slow.loaded, sequence, features, torch.arange(len(slow.ids)))
        for pixels, each in zip(samples, logits, strict=True):
            alone = encode(slow.loaded, sequence, pixels[None])
            torch.testing.assert_close(
                answer_logits(slow.loaded, sequence, alone, torch.arange(len(slow.ids)))[0], each, rtol=1e-4, atol=1e-4
            )
            torch.testing.assert_close(slow.outputs(pixels).logits[0, slow.rows], each, rtol=1e-3, atol=1e-3)
    assert (logits[0] - logits[1]).abs().max() > 0.01


def test_layers_computed_again_give_the_same(slow, together):
    """As where memory is short; attention masks, positions and added features go in once more."""
    names = list(together)
    with recomputing(True):
        found = run(slow, [request_for(name, len(slow.loaded.layers)) for name in names])
    for name, moments in some(zip(names, found, strict=True)):
        assert_alike(moments.mean, together[name], rtol=1e-4)


def test_two_pictures_in_one_prompt(slow, family, pictures):
    """Each has a map of its own; the first picture's map is not that of a prompt with it alone."""
    both = Slow.of(family.loaded, pictures)
    total = len(family.loaded.layers)
    names = ["gradient_norm", "attention", "input_gradient"]
    requests = [request_for(name, total, noise_std=0.0, images=("i", "j")) for name in names]
    asked = [request.of_picture(number) for request in requests for number in (0, 1)]
    found = run(both, asked, range(1))
    cells = [layout.cells for layout in both.prepared.layouts]
    assert [each.mean.shape[1] for each in found] == cells * 3
    for layer, module in enumerate(family.loaded.layers):
        wanted = both.spread(attribution.gradient_norm(*both.gradient(module, "input"))).split(cells)
        attended = both.attentions()[layer][0][:, both.rows][..., both.prepared.visual].mean(0).sum(0)
        attended = both.spread(attended).split(cells)
        for number in (0, 1):
            np.testing.assert_allclose(found[number].mean[layer], wanted[number], rtol=2e-3, atol=1e-4)
            np.testing.assert_allclose(found[2 + number].mean[layer], attended[number], rtol=2e-3, atol=1e-5)
    where = family.loaded.family.pixel_layout.cells(both.prepared.pixel_values, both.prepared.layouts)
    gradient = both.pixel_gradient(both.prepared.pixel_values) ** 2
    where = where.expand(gradient.shape)
    wanted = torch.stack([gradient[where == cell].sum() for cell in range(sum(cells))]).sqrt()
    assert_alike(np.concatenate([found[4].mean[0], found[5].mean[0]]), wanted)
