"""For every family that sees videos: inputs, features and maps of a video against transformers' own forward."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.errors import InputError
from core.inference.forward import build_sequence, encode
from core.inference.generation import force_answer
from core.inputs.prompt import prepare, prepare_for
from core.inputs.videos.video import Video
from core.methods import attribution
from core.models.families import FAMILIES
from core.models.hooks import frozen
from core.models.video_size import VIDEO_RULES
from tests.conftest import gradient_picture
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow
from tests.core.models.families.test_family_maps import assert_alike, request_for
from tests.some import some

SEEING = [name for name, family in FAMILIES.items() if family.video is not None]
FRAMES = 5


def clip(count=FRAMES, size=(112, 140)):
    """Frames of a picture that turns."""
    shown = [np.roll(np.array(gradient_picture(*size)), 17 * number, axis=1) for number in range(count)]
    return Video.of(np.stack(shown), 0.5 * np.arange(count))


@pytest.fixture(scope="module", params=SEEING)
def seeing(request, explainer_of):
    return explainer_of(request.param)


@pytest.fixture(scope="module")
def slow_video(seeing):
    return Slow.of(seeing.loaded, clip())


def video_request(method, total, **given):
    return replace(request_for(method, total, **given), frames=FRAMES)


def run(slow, requests, samples=range(2)):
    with slow.loaded.lock, frozen(slow.loaded.model):
        return explain_chunk(slow.loaded, slow.prepared, slow.answer, requests, samples)


def test_the_rules_are_those_of_the_types():
    assert {name: family.video for name, family in FAMILIES.items() if family.video} == VIDEO_RULES


def test_a_video_is_laid_out_in_steps_of_two_frames(slow_video):
    prepared = slow_video.prepared
    (layout,), (tower,) = prepared.layouts, prepared.tower_layouts
    steps, rows, columns = prepared.vision["video_grid_thw"][0].tolist()
    assert steps == layout.steps == tower.steps == len(prepared.steps) == 3
    assert layout.grid == (rows // 2, columns // 2) and tower.grid == (rows, columns)
    assert layout.cells == len(prepared.visual) == len(prepared.placeholders)
    assert [(step.start, step.end) for step in prepared.steps] == [(0, 1), (1, 2), (2, 2.5)]
    assert set(prepared.token_types.unique().tolist()) == {0, 2}


def test_each_step_is_told_its_time_where_the_family_does_so(slow_video):
    loaded, ids = slow_video.loaded, slow_video.prepared.input_ids[0]
    text = loaded.processor.tokenizer.decode(ids)
    begin, end, place = "<|vision_start|>", "<|vision_end|>", "<|video_pad|>"
    each = begin + place * (slow_video.prepared.layouts[0].cells // 3) + end
    if loaded.family.video.stamped:
        # Means of the pairs of frames: 0 and 0.5 s, 1 and 1.5 s, and 2 s twice.
        assert f"user\n<0.2 seconds>{each}<1.2 seconds>{each}<2.0 seconds>{each}{QUESTION}" in text
        assert text.count(begin) == text.count(end) == 3
    else:
        assert f"user\n{begin}{place * slow_video.prepared.layouts[0].cells}{end}{QUESTION}" in text
    spoken = loaded.processor.tokenizer.decode(ids[slow_video.prepared.question])
    assert spoken == QUESTION


def test_positions_and_states_are_those_of_the_models_forward(slow_video):
    loaded, prepared = slow_video.loaded, slow_video.prepared
    sequence = build_sequence(loaded, prepared, slow_video.answer)
    ids, types = prepared.with_answer(slow_video.ids)
    assert torch.equal(types[0] == 2, ids[0] == loaded.model.config.video_token_id)
    wanted = loaded.model.model.get_rope_index(ids, mm_token_type_ids=types, **prepared.vision)[0]
    assert torch.equal(sequence.position_ids, wanted)
    with torch.no_grad():
        features = encode(loaded, sequence, prepared.pixel_values[None])[0]
        own = loaded.model.model.get_video_features(prepared.pixel_values, prepared.vision["video_grid_thw"])
    own = torch.cat(own.pooler_output)
    torch.testing.assert_close(features[:, : own.shape[1]], own, rtol=1e-4, atol=1e-4)


def test_gradients_equal_the_slow_loop(slow_video):
    total = len(slow_video.loaded.layers)
    requests = [video_request(method, total, noise_std=0.0) for method in ("gradient_norm", "gradcam")]
    found = run(slow_video, requests, range(1))
    for layer, module in some(enumerate(slow_video.loaded.layers)):
        pair = slow_video.gradient(module, "input")
        assert_alike(found[0].mean[layer], attribution.gradient_norm(*pair))
        assert_alike(found[1].mean[layer], attribution.gradcam(*pair))


def test_attention_equals_eager_attention(slow_video):
    total = len(slow_video.loaded.layers)
    (found,) = run(slow_video, [video_request("attention", total, noise_std=0.0)], range(1))
    for layer, (looks, _) in some(enumerate(slow_video.attentions())):
        assert_alike(found.mean[layer], looks[:, slow_video.rows][..., slow_video.prepared.visual].mean(0).sum(0))


def test_pixels_equal_the_slow_loop(slow_video):
    total, prepared = len(slow_video.loaded.layers), slow_video.prepared
    (found,) = run(slow_video, [video_request("input_gradient", total, noise_std=0.0)], range(1))
    gradient = slow_video.pixel_gradient(prepared.pixel_values)
    by_cell = gradient.reshape(prepared.layouts[0].cells, -1).norm(dim=-1)
    assert_alike(found.mean[0], by_cell)


def test_a_square_that_moves_lands_in_its_cell_and_step(seeing):
    loaded, size = seeing.loaded, (112, 140)
    black = np.zeros((6, *size, 3), np.uint8)
    times = 0.5 * np.arange(6)
    before = prepare(loaded, Video.of(black.copy(), times), "x")
    (layout,) = before.layouts
    sequence = build_sequence(loaded, before, force_answer(loaded, before, "x"))
    (rows, columns), found = layout.grid, 0

    def features(prepared):
        with torch.no_grad():
            return encode(loaded, sequence, prepared.pixel_values[None])[0]

    still, at_once = features(before), black.copy()
    for step in some(range(layout.steps)):
        row, column = step % rows, (step + 1) % columns
        top, bottom = (round(size[0] * each / rows) for each in (row, row + 1))
        left, right = (round(size[1] * each / columns) for each in (column, column + 1))
        for frames in (at_once, painted := black.copy()):
            frames[2 * step : 2 * step + 2, top:bottom, left:right] = 255
        after = prepare(loaded, Video.of(painted, times), "x")
        cell = (step * rows + row) * columns + column
        change = (after.pixel_values - before.pixel_values).abs().reshape(layout.cells, -1).mean(1)
        assert int(change.argmax()) == cell
        assert int((features(after) - still).norm(dim=-1).argmax()) == cell
        found += 1
    moving = (features(prepare(loaded, Video.of(at_once, times), "x")) - still).norm(dim=-1)
    hottest = moving.reshape(layout.steps, -1).argmax(1).tolist()
    assert hottest == [step % rows * columns + (step + 1) % columns for step in range(layout.steps)]
    assert found == layout.steps == 3


def test_the_tower_reads_patches_step_by_step(seeing):
    size, times = (112, 140), 0.5 * np.arange(4)
    black = np.zeros((4, *size, 3), np.uint8)
    loaded, held = seeing.loaded, {}

    def patches(frames):
        prepared = prepare(loaded, Video.of(frames, times), "x")
        sequence = build_sequence(loaded, prepared, force_answer(loaded, prepared, "x"))
        handle = loaded.blocks[0].register_forward_pre_hook(lambda _, args: held.update(hidden=args[0]))
        with torch.no_grad():
            encode(loaded, sequence, prepared.pixel_values[None])
        handle.remove()
        (layout,) = prepared.tower_layouts
        return loaded.family.patches(loaded.model, held["hidden"], sequence.vision, (layout,))[0], layout

    still, layout = patches(black.copy())
    rows, columns = layout.grid
    top, left = size[0] * 3 // rows, size[1] * 2 // columns
    painted = black.copy()
    painted[2:, top : top + size[0] // rows, left : left + size[1] // columns] = 255
    change = (patches(painted)[0] - still).norm(dim=-1)
    assert int(change.argmax()) == (rows + 3) * columns + 2


def test_chunks_change_nothing(seeing, slow_video):
    total = len(seeing.loaded.layers)
    asked = [replace(video_request("gradient_norm", total), image="v" * 8)]
    whole = run(slow_video, asked, range(3))[0]
    parts = run(slow_video, asked, range(1))[0].merge(run(slow_video, asked, range(1, 3))[0])
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-3, atol=1e-6 * whole.mean.max() + 1e-12)
    assert parts.count == whole.count == 3


@pytest.mark.parametrize("name", ["qwen2_5_vl", "qwen2_vl"])
def test_a_still_video_is_seen_alike_in_each_step(explainer_of, name):
    loaded = explainer_of(name).loaded
    frame = np.array(gradient_picture(112, 140))
    still = prepare(loaded, Video.of(np.stack([frame] * 4), 0.5 * np.arange(4)), QUESTION)
    sequence = build_sequence(loaded, still, force_answer(loaded, still, SENTENCE))
    with torch.no_grad():
        first, second = encode(loaded, sequence, still.pixel_values[None])[0].chunk(2)
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - set(SEEING)))
def test_the_others_refuse_in_a_sentence(explainer_of, name):
    explainer = explainer_of(name)
    with pytest.raises(InputError, match="sees no video here"):
        explainer.answer(prompt="x", video=clip())


def test_a_video_is_no_picture_and_a_picture_no_video(seeing):
    loaded = seeing.loaded
    about_pictures = request_for("combined", 1)
    with pytest.raises(InputError, match="about pictures"):
        prepare_for(loaded, clip(), about_pictures)
    with pytest.raises(InputError, match="of 4 frames"):
        prepare_for(loaded, clip(), replace(about_pictures, frames=4))
