"""Videos in plain arguments, with the embedded model: shapes, steps, and what is refused."""

import numpy as np
import pytest

from core import InputError, Target
from core.analysis.artefacts import hide_sinks
from core.analysis.boxes import boxes_of
from core.engine.prompt_words import prompt_words
from core.evaluation.trust.assess import assess
from core.inference.logit_lens import read_lens
from core.inputs.videos.video import Video
from core.interventions.reliance import reliance
from core.interventions.removal import Removal
from core.interventions.what_if import what_if
from core.methods import tam
from core.methods.heads import read_heads
from core.rendering.figures import draw_layers, save_combined
from core.schema.methods import METHODS
from tests.some import some

QUESTION = "Where is the red circle?"
ANSWER = "In the middle."


@pytest.fixture(scope="module")
def frames():
    shown = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
    return shown.repeat(42, axis=1).repeat(42, axis=2)


@pytest.fixture(scope="module")
def video(frames):
    return Video.of(frames, np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5]))


@pytest.fixture(scope="module")
def result(explainer, video):
    names = [name for name, method in METHODS.items() if not method.own_passes]
    return explainer.explain(
        prompt=QUESTION, video=video, method=names, num_samples=3, target=Target.answer(sentence=ANSWER)
    )


def test_heat_has_a_time_axis_and_its_steps_are_in_seconds(result, video):
    assert result.request.is_video and result.request.frames == 6 and result.request.image == video.digest
    assert [(step.start, step.end) for step in result.steps] == [(0, 1), (1, 2), (2, 3)]
    assert result.combined.shape == (3, *result.grid) and result.headline.shape == result.combined.shape
    for name, found in some(result.companions.items()):
        assert found.heat.shape == (len(found.request.maps), 3, *result.grid), name
        assert found.steps == result.steps and np.isfinite(found.heat).all() and found.heat.max() > 0
    assert result.seen.size == (168, 168)
    assert result.picture is video and result["tam"].picture is video and result.overlay(step=2).size == (168, 168)


def test_frames_come_in_as_a_list_with_their_rate(explainer, frames, video):
    from_list = explainer.explain(prompt=QUESTION, video=list(frames), fps=2, num_samples=1, noise_std=0.0)
    assert from_list.request.image == video.digest
    assert explainer.answer(prompt=QUESTION, video=frames, fps=2).text == from_list.answer.text


def test_methods_with_passes_of_their_own(explainer, frames):
    options = {"num_samples": 1, "noise_std": 0.0, "target": Target.answer(sentence="x"), "max_pixels": 28**2 * 4}
    for method in some(["occlusion", "integrated_gradients"]):
        found = explainer.explain(prompt="x", video=frames[:4], method=method, **options)
        assert found.heat.shape == (1, 2, *found.grid)


def test_tam_looks_at_neighbours_within_a_step_alone(explainer, video, monkeypatch):
    filtered, grids = tam.filtered_mean, []
    monkeypatch.setattr(tam, "filtered_mean", lambda maps, grid: grids.append(grid) or filtered(maps, grid))
    target = Target.answer(sentence=ANSWER)
    found = explainer.explain(prompt=QUESTION, video=video, method="tam", noise_std=0.0, num_samples=1, target=target)
    assert grids == [found.grid] * len(video.times[::2])


def test_each_word_and_the_tower(explainer, video):
    words = explainer.explain_words(prompt=QUESTION, video=video, sentence=ANSWER)
    assert [word.text for word in words] == ["In", "the", "middle"]
    assert all(found.heat.shape[1] == 3 for found in some(words.values()))
    tower = explainer.explain(prompt=QUESTION, video=video, part="tower", num_samples=1, noise_std=0.0)
    assert tower.heat.shape[1:] == (3, 2 * tower.combined.shape[1], 2 * tower.combined.shape[2])


def test_samples_go_on_from_what_there_is(explainer, video, result):
    first = explainer.explain(prompt=QUESTION, video=video, num_samples=2, target=Target.answer(sentence=ANSWER))
    wanted = result.of(first.request.method)
    (grown,) = explainer.run(video, [wanted.request], answer=first.answer, so_far=[first])
    np.testing.assert_allclose(grown.heat, wanted.heat, rtol=1e-3, atol=1e-6 * wanted.heat.max())


def test_noise_is_drawn_for_each_frame(explainer, frames):
    """The two frames of a step see noise of their own, and no two steps the same."""
    from core.inference.smoothgrad import noisy
    from core.inputs.prompt import prepare

    still = Video.of(np.stack([frames[0]] * 4), np.arange(4) / 2)
    pixels = prepare(explainer.loaded, still, "x").pixel_values
    noise = (noisy(pixels, 0.1, 0, range(1))[0] - pixels).reshape(2, -1, 3, 2, 14 * 14)
    each = [noise[step, :, :, frame].flatten() for step in (0, 1) for frame in (0, 1)]
    correlations = np.corrcoef(torch_rows(each))
    assert np.abs(correlations - np.eye(4)).max() < 0.02


def torch_rows(tensors):
    return np.stack([tensor.numpy() for tensor in tensors])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"image": "a.png", "video": "a.mp4"}, "one video, or pictures, not both"),
        ({"image": "a.png", "fps": 2.0}, "fps choose frames of a video"),
        ({"image": "a.png", "start": 1.0, "end": 2.0}, "start, end choose frames"),
        ({}, "No picture was given, and no video"),
    ],
)
def test_arguments_that_do_not_go_together(explainer, given, message):
    for asked in (explainer.explain, explainer.answer, explainer.explain_words):
        with pytest.raises(InputError, match=message):
            asked(prompt="x", **given)


def test_a_video_is_given_by_its_name(explainer, video):
    with pytest.raises(InputError, match="Give it as video="):
        explainer.explain(video, "x")
    for asked in (explainer.prompt_words, explainer.heads, explainer.logit_lens, explainer.what_if):
        with pytest.raises(InputError):
            asked(video, "x")


def test_more_frames_than_the_model_has_room_for(explainer):
    many = Video.of(np.zeros((768, 28, 28, 3), np.uint8), np.arange(768) / 2)
    with pytest.raises(InputError, match="Sample fewer frames"):
        explainer.answer(prompt="x", video=many)


def test_what_is_for_pictures_refuses(explainer, video, result, tmp_path):
    request, pixels = result.of("combined").request, video.frames[0]
    for begun in some(
        [
            lambda: assess(explainer, video, result.of("combined")),
            lambda: read_heads(explainer, video, result.of("combined")),
            lambda: read_lens(explainer, video, request),
            lambda: prompt_words(explainer, video, request, result.answer),
            lambda: what_if(explainer, video, request, Removal(cells=[(0, 0)])),
            lambda: reliance(explainer, video, request),
            lambda: draw_layers(result, pixels),
            lambda: save_combined(result.of("combined"), pixels, tmp_path),
            lambda: hide_sinks(result),
        ]
    ):
        with pytest.raises(InputError, match="is for pictures, and this run is of a video"):
            begun()
    assert boxes_of(result).each == ()
