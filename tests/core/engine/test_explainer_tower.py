"""Results of the vision tower's blocks, through `Explainer`."""

import dataclasses
import itertools

import numpy as np
import pytest

from core import Cancelled, InputError, Target
from core.export.npz import to_npz
from core.export.npz_reader import from_npz
from core.memory.out_of_memory import CHUNK_TOKENS
from core.schema.methods import METHODS
from tests.core.inference.test_forward import QUESTION, SENTENCE
from tests.some import some

SHORT = {"max_new_tokens": 5, "num_samples": 3, "noise_std": 0.4}
READABLE = [name for name, method in METHODS.items() if method.has_tap]

TARGET = Target.text(SENTENCE)


@pytest.fixture(scope="module")
def result(explainer, picture):
    return explainer.explain(picture, QUESTION, part="tower", **SHORT)


def test_a_result_of_the_tower(explainer, picture, result):
    assert result.request.part == "tower" and result.layers == (0, 1, 2, 3)
    assert result.grid == (12, 18) and result.total_layers == explainer.depth("tower") == 4
    plain = explainer.explain(picture, QUESTION, **SHORT)
    assert result.answer == plain.answer
    combined = result.of("combined")
    assert combined.request == plain.of("combined").request and combined.total_layers == 8
    assert np.linalg.norm(combined.heat - plain.combined) < 1e-4 * np.linalg.norm(plain.combined)
    assert result.recommended_layer in result.layers


def test_the_recommended_block_orders_the_patches_like_the_combined_map(result):
    """Cell by cell of the combined map, which is coarser."""
    wanted = result.combined
    coarse = [heat.reshape(6, 2, 9, 2).mean((1, 3)) for heat in result.heat]
    agreement = [
        np.corrcoef(np.argsort(np.argsort(each.ravel())), np.argsort(np.argsort(wanted.ravel())))[0, 1]
        for each in coarse
    ]
    assert agreement[result.recommended_layer] >= max(agreement) - 0.05


def test_chunks_do_not_change_the_result(explainer, picture, result, monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)  # one sample a chunk
    alone = explainer.explain(picture, QUESTION, part="tower", **SHORT)
    np.testing.assert_allclose(alone.heat, result.heat, rtol=1e-3, atol=1e-4 * result.heat.max())
    np.testing.assert_allclose(alone.stderr, result.stderr, rtol=1e-2, atol=1e-3 * result.stderr.max())


def test_a_run_goes_on_from_fewer_samples(explainer, picture, result):
    one = dataclasses.replace(result.request, num_samples=1)
    (begun,) = explainer.run(picture, [one], answer=result.answer)
    (grown,) = explainer.run(picture, [result.request], answer=result.answer, so_far=[begun])
    assert grown.num_samples == 3
    np.testing.assert_allclose(grown.heat, result.heat, rtol=1e-3, atol=1e-4 * result.heat.max())


def test_what_was_written_comes_back(result):
    again = from_npz(to_npz(result))
    assert again.request == result.request and np.array_equal(again.heat, result.heat)
    assert (again.total_layers, again.of("combined").total_layers) == (4, 8)
    assert np.array_equal(again.combined, result.combined)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in READABLE])
def test_methods_that_read_the_decoder_are_refused(explainer, picture, method):
    with pytest.raises(
        InputError, match=r"reads the decoder, not the vision tower, which has maps by: .*gradient_norm"
    ):
        explainer.explain(picture, QUESTION, part="tower", method=method, **SHORT)


def test_blocks_and_parts_that_are_not_there_are_refused(explainer, picture, result):
    with pytest.raises(InputError, match="There is no block 4: this model has 4 vision tower blocks in use, 0 to 3"):
        explainer.explain(picture, QUESTION, part="tower", layers=[4], **SHORT)
    with pytest.raises(InputError, match="There is no block 7"):
        explainer.run(picture, [result.request.for_layers((3, 7))])
    with pytest.raises(InputError, match="called 'projector'. Choose one of: decoder, tower"):
        explainer.explain(picture, QUESTION, part="projector", **SHORT)
    with pytest.raises(InputError, match=r"output of the last layer \(7\)"):
        explainer.explain(picture, QUESTION, layers=[7], tap="output", **SHORT)


def test_the_model_is_as_before_on_success_and_failure(explainer, picture, result):
    model = explainer.loaded.model

    def state():
        hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
        return hooks, [p.requires_grad for p in model.parameters()], [m.training for m in model.modules()]

    def stop(progress):
        if progress.stage == "samples" and progress.done:
            raise Cancelled("stopped")

    def fail(*_):
        raise RuntimeError("the block broke")

    before = state()
    explainer.explain(picture, QUESTION, part="tower", **SHORT)
    assert state() == before
    with pytest.raises(Cancelled):
        explainer.explain(picture, QUESTION, part="tower", on_progress=stop, **SHORT)
    assert state() == before
    handle = explainer.loaded.blocks[2].register_forward_hook(fail)
    try:
        with pytest.raises(RuntimeError, match="the block broke"):
            explainer.run(picture, [result.request], answer=result.answer)
    finally:
        handle.remove()
    assert state() == before and all(p.grad is None for p in model.parameters())


def test_methods_of_the_tower_come_together(explainer, picture):
    several = explainer.explain(picture, QUESTION, part="tower", method=["gradient_norm", "layercam"], **SHORT)
    for name, other in some(itertools.product(["gradient_norm", "layercam"], [1])):
        alone = explainer.explain(picture, QUESTION, part="tower", method=name, layers=[other], **SHORT)
        np.testing.assert_allclose(several.of(name).at(other), alone.at(other), rtol=1e-3, atol=1e-6)


def test_words_have_maps_of_the_tower(explainer, picture):
    words = explainer.explain_words(
        picture, QUESTION, sentence=SENTENCE, method="gradient_norm", part="tower", layers=[1, 3]
    )
    assert [word.text for word in words] == ["In", "the", "top", "left", "is", "a", "red", "square"]
    for word, found in list(words.items())[2:4]:
        target = Target.tokens(word.start, word.stop, sentence=SENTENCE)
        options = {"method": "gradient_norm", "part": "tower", "layers": [1, 3], "num_samples": 1, "noise_std": 0.0}
        alone = explainer.explain(picture, QUESTION, target=target, **options)
        np.testing.assert_allclose(found.heat, alone.heat, rtol=1e-3, atol=1e-4 * alone.heat.max())
