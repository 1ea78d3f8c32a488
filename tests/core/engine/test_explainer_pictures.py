"""Several pictures in one prompt: the maps of each against the slow, obvious reference, and alone and together."""

import dataclasses

import numpy as np
import pytest

from core import InputError, Target
from core.evaluation.trust.assess import assess
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.out_of_memory import CHUNK_TOKENS
from core.methods.attribution import ATTRIBUTIONS
from core.schema import MAX_PICTURES
from core.schema.words import is_punctuation, words_of
from tests.conftest import gradient_picture
from tests.core.engine.sweep import relative_error, rounding
from tests.core.inference.test_forward import Slow
from tests.some import some

QUESTION = "Which picture has a red square?"
SHORT = {"max_new_tokens": 5}
SMOOTH = {"num_samples": 3, "noise_std": 0.4, **SHORT}


@pytest.fixture(scope="module")
def pictures():
    """Of different grids: 6 x 9 and 8 x 5 cells."""
    return [load_picture(gradient_picture(168, 252)), load_picture(gradient_picture(224, 140).rotate(180))]


@pytest.fixture(scope="module")
def result(explainer, pictures):
    return explainer.explain(pictures, QUESTION, **SMOOTH)


def slow_heats(explainer, pictures, answer, layer, picture_first=True, method="gradient_deviation", noise=None):
    """One layer's map of each picture, one sample, from one forward over all of them; and their `rounding`."""
    prepared = prepare(explainer.loaded, pictures, QUESTION, picture_first=picture_first)
    slow = Slow(explainer.loaded, prepared, answer)
    pixels = None if noise is None else noisy(prepared.pixel_values, *noise)[0]
    activation, gradient = slow.gradient(slow.loaded.layers[layer], "input", pixels=pixels)
    cells = [rows * columns for rows, columns in prepared.grids]
    heat = ATTRIBUTIONS[method](activation, gradient).flatten().split(cells)
    parts = [part.reshape(grid).numpy() for part, grid in zip(heat, prepared.grids, strict=True)]
    return parts, rounding(method, activation, gradient)


@pytest.mark.parametrize("picture_first", [True, False])
@pytest.mark.parametrize("method", ["gradient_deviation", "layercam", "gradcam_plus_plus"])
def test_maps_of_every_picture_equal_the_slow_loop(explainer, pictures, method, picture_first):
    plain = explainer.explain(
        pictures, QUESTION, method=method, noise_std=0.0, picture_first=picture_first, layers=[0, 3, 6], **SHORT
    )
    assert [each.grid for each in plain.pictures] == [(6, 9), (8, 5)]
    assert [each.picture for each in plain.pictures] == pictures and plain.picture is pictures[0]
    assert np.array_equal(plain.heat, plain.pictures[0].heat) and plain.request.picture_first is picture_first
    for layer in plain.layers:
        wanted, unsure = slow_heats(explainer, pictures, plain.answer, layer, picture_first, method)
        for each, heat in zip(plain.pictures, wanted, strict=True):
            np.testing.assert_allclose(each.at(layer), heat, rtol=2e-3, atol=2e-4 * heat.max() + unsure)


def test_smoothing_is_the_mean_over_single_samples_of_every_picture(explainer, pictures, result):
    samples = [
        slow_heats(explainer, pictures, result.answer, 4, noise=(0.4, 0, range(number, number + 1)))[0]
        for number in range(3)
    ]
    for each, heats in some(zip(result.pictures, zip(*samples, strict=True), strict=True)):
        assert relative_error(each.at(4), np.mean(heats, 0)) < 1e-4
        assert relative_error(each.stderr_at(4), np.std(heats, 0, ddof=1) / np.sqrt(3)) < 1e-3


def test_every_picture_has_its_request_and_its_combined_map(result, pictures):
    assert [each.request for each in result.pictures] == [result.request.of_picture(number) for number in (0, 1)]
    assert [each.request.image for each in result.pictures] == [picture.digest for picture in pictures]
    for each in result.pictures:
        assert each.combined.shape == each.grid and each.combined.max() > 0
        assert each.answer == result.answer and each.pictures == ()


def test_chunks_do_not_change_the_maps_of_any_picture(explainer, pictures, result, monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)  # one sample a chunk
    alone = explainer.explain(pictures, QUESTION, **SMOOTH)
    for one, together in some(zip(alone.pictures, result.pictures, strict=True)):
        assert relative_error(one.heat, together.heat) < 1e-4
        assert relative_error(one.combined, together.combined) < 1e-4


def test_a_map_alone_equals_itself_among_other_methods_and_pictures(explainer, pictures, result):
    several = explainer.explain(
        pictures, QUESTION, method=["hirescam", "tam", "input_gradient", "gradient_deviation"], **SMOOTH
    )
    for together, wanted in zip(several.pictures, result.pictures, strict=True):
        assert relative_error(together.of("gradient_deviation").heat, wanted.heat) < 1e-5
        (alone,) = explainer.run(pictures, [together.of("input_gradient").request], answer=result.answer)
        assert relative_error(alone.heat, together.of("input_gradient").heat) < 1e-5
    mixed = [result.pictures[1].request, result.request.with_method("tam", ())]
    second, tam = explainer.run(pictures, mixed, answer=result.answer)
    assert relative_error(second.heat, result.pictures[1].heat) < 1e-5
    assert relative_error(tam.heat, several.of("tam").heat) < 1e-5


def test_the_vision_tower_has_finer_maps_of_every_picture(explainer, pictures, result):
    found = explainer.explain(pictures, QUESTION, part="tower", layers=[0, 2], noise_std=0.0, **SHORT)
    assert [each.grid for each in found.pictures] == [(12, 18), (16, 10)]
    (alone,) = explainer.run(pictures, [found.pictures[1].request], answer=result.answer)
    assert relative_error(alone.heat, found.pictures[1].heat) < 1e-5 and alone.heat.max() > 0


def test_a_run_of_several_pictures_grows(explainer, pictures, result):
    requests = [each.request for each in result.pictures]
    begun = explainer.run(pictures, [dataclasses.replace(each, num_samples=1) for each in requests])
    grown = explainer.run(pictures, requests, answer=begun[0].answer, so_far=[begun[0], None])
    for got, wanted in some(zip(grown, result.pictures, strict=True)):
        assert got.num_samples == 3 and relative_error(got.heat, wanted.heat) < 1e-5


def test_every_word_has_a_map_in_every_picture(explainer, pictures):
    found = explainer.explain_words(pictures, QUESTION, layers=[3], method="gradient_deviation", **SHORT)
    answer = explainer.answer(pictures, QUESTION, **SHORT)
    assert list(found) == [word for word in words_of(answer) if not is_punctuation(word)] and found
    word, each = next(iter(found.items()))
    target = Target.tokens(word.start, word.stop)
    alone = explainer.explain(pictures, QUESTION, target=target, layers=[3], num_samples=1, noise_std=0.0, **SHORT)
    for got, wanted in zip(each.pictures, alone.pictures, strict=True):
        assert got.request == wanted.request and relative_error(got.heat, wanted.heat) < 1e-5


def test_the_place_of_the_pictures_changes_what_is_seen(explainer, pictures):
    first, after = (
        explainer.explain(pictures, QUESTION, picture_first=way, target=Target.text("A red square."), noise_std=0.0)
        for way in (True, False)
    )
    for one, other in some(zip(first.pictures, after.pictures, strict=True)):
        assert one.answer.text == other.answer.text and relative_error(one.heat, other.heat) > 0.01


def test_pictures_of_another_order_are_another_question(explainer, pictures, result):
    turned = explainer.explain(pictures[::-1], QUESTION, **SMOOTH)
    assert [each.grid for each in turned.pictures] == [(8, 5), (6, 9)]
    assert turned.request.images == result.request.images[::-1]


def test_how_far_a_map_of_the_second_picture_can_be_trusted(explainer, pictures, result):
    report = assess(explainer, pictures, result.pictures[1], 4)
    assert report.answer == result.answer.text and report.steadiness.samples == 2
    # Before anything is taken away, and when all of this picture is, the order does not matter.
    for end in (0, -1):
        assert report.tokens.deletion[end] == pytest.approx(report.tokens.insertion[end], abs=1e-4)
    assert report.tokens.deletion[0] == pytest.approx(report.pixels.deletion[0], abs=1e-4)
    assert all(row < 8 and column < 5 for row, column in report.artefacts.sinks)


@pytest.mark.parametrize("count", [0, MAX_PICTURES + 1])
@pytest.mark.parametrize("way", ["explain", "answer", "explain_words"])
def test_no_picture_and_too_many_are_refused(explainer, pictures, way, count):
    words = "No picture was given" if count == 0 else f"1 to {MAX_PICTURES} pictures, not {count}"
    with pytest.raises(InputError, match=words):
        getattr(explainer, way)(pictures[:1] * count, QUESTION)


@pytest.mark.parametrize("count", [1, 3])
def test_another_number_of_pictures_than_the_question_is_about_is_refused(explainer, pictures, result, count):
    given = [*pictures, *pictures][:count]
    for ask in (explainer.answer_to, explainer.sampling_context):
        with pytest.raises(InputError, match=f"about: 2; pictures that were given: {count}"):
            ask(given, result.request)
    with pytest.raises(InputError, match=f"about: 2; pictures that were given: {count}"):
        explainer.run(given, [result.request])
