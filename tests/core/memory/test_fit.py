"""How many samples go at once, and when layers are recomputed, by what is free."""

from dataclasses import replace

import pytest
from transformers.modeling_layers import GradientCheckpointingLayer

from core import Explainer
from core.inputs.pictures import load_picture
from core.memory import fit
from core.memory.budget import UNPACKING
from core.memory.estimate import Workload, phases, sweep_load
from core.memory.fit import RESERVE, dimensions_of, fit_to_memory, moving_bytes, recomputing, samples_at_once
from core.memory.recompute import recomputed
from core.models.dimensions import Dimensions
from core.models.hooks import HookPoint
from tests.conftest import gradient_picture

LOAD = sweep_load(8, 200, 150, 10)


@pytest.fixture
def free(monkeypatch):
    """Sets what is free, in multiples of what one sample takes."""

    def of(loaded, times, recompute=False):
        one = phases(dimensions_of(loaded), replace(LOAD, recompute=recompute), 4).peak
        monkeypatch.setattr(fit, "memory_of", lambda device: (int(times * one / RESERVE) + 1, one << 20))

    return of


@pytest.fixture
def again(monkeypatch):
    """The layers that were to be recomputed, pass by pass."""
    seen = []
    monkeypatch.setattr(
        fit, "recomputed", lambda layers, inside: seen.append(list(layers)) or recomputed(layers, inside)
    )
    return seen


def test_as_many_samples_as_fit(explainer, free):
    free(explainer.loaded, 5.5)
    assert samples_at_once(explainer.loaded, LOAD, most=10) == 5
    assert samples_at_once(explainer.loaded, LOAD, most=3) == 3


def test_where_not_one_fits_as_many_as_do_with_layers_recomputed(explainer, free):
    free(explainer.loaded, 1.3, recompute=True)
    assert fit.memory_of(None)[0] < phases(dimensions_of(explainer.loaded), LOAD, 4).peak
    assert samples_at_once(explainer.loaded, LOAD, most=10) == 1
    free(explainer.loaded, 0.1, recompute=True)
    assert samples_at_once(explainer.loaded, LOAD, most=10) == 1  # tried all the same


def test_what_is_not_known_sets_no_limit(explainer, monkeypatch):
    monkeypatch.setattr(fit, "dimensions_of", lambda loaded: None)
    assert samples_at_once(explainer.loaded, LOAD, most=7) == 7


def test_layers_are_recomputed_only_where_all_would_not_fit(explainer, free, again):
    layers = list(explainer.loaded.layers)
    for times, wanted in ((1.0, []), (0.99, layers)):
        free(explainer.loaded, times)
        with fit_to_memory(explainer.loaded, LOAD):
            pass
        assert again.pop() == wanted


def test_only_layers_that_the_backward_pass_reaches(explainer, again):
    layers = list(explainer.loaded.layers)
    with recomputing(True):
        for load, cut in [
            (replace(LOAD, depth=3), HookPoint(5)),
            (replace(LOAD, depth=3), HookPoint(5, "norm")),
            (replace(LOAD, depth=3), HookPoint(5, "output")),
            (replace(LOAD, depth=0), None),
            (replace(LOAD, pixels=True), None),
        ]:
            with fit_to_memory(explainer.loaded, load, cut):
                pass
    assert again[:4] == [layers[5:], layers[6:], layers[6:], []]
    blocks = again[4][:-8]
    assert again[4][-8:] == layers and len(blocks) == 4
    assert all(isinstance(each, GradientCheckpointingLayer) for each in blocks)


def test_a_run_in_little_memory_gives_the_same_map(explainer, free, again):
    picture = load_picture(gradient_picture(84, 112))
    asked = {"num_samples": 3, "noise_std": 0.4, "max_new_tokens": 4}
    wanted = explainer.explain(picture, "Where?", **asked)
    assert again and not any(again)
    again.clear()
    free(explainer.loaded, 0.0)
    found = explainer.explain(picture, "Where?", **asked)
    assert len(again) == 3 and all(layers == list(explainer.loaded.layers) for layers in again)  # one by one
    assert abs(found.heat - wanted.heat).max() <= 1e-4 * wanted.heat.max()


def test_a_large_model_in_a_small_device(monkeypatch):
    """3,577 visual tokens of the 3B shape: one sample fits beside the weights in 24 GB, of the 7B one in 40 GB."""
    three = Dimensions(36, 2048, 11_008, 16, 2, 128, 151_936)
    seven = Dimensions(28, 3584, 18_944, 28, 4, 128, 152_064)
    for shape, weights, device in ((three, 7.5e9, 24e9), (seven, 16.6e9, 40e9)):
        load = sweep_load(shape.layers, 3_700, 3_577, 64)
        assert weights + phases(shape, load, 2).peak < RESERVE * device
        assert isinstance(load, Workload)


def test_weights_that_move_take_their_share(explainer):
    rounded = Explainer.from_pretrained("embedded;8bit", "cpu").loaded
    assert moving_bytes(explainer.loaded) == 0
    assert moving_bytes(rounded) == 128 * 256 * (UNPACKING + 4)


def test_of_what_is_offloaded_layers_are_always_recomputed(explainer, free, again, monkeypatch):
    free(explainer.loaded, 5.0)
    monkeypatch.setattr(fit, "is_offloaded", lambda model: True)
    with fit_to_memory(explainer.loaded, LOAD):
        pass
    assert again.pop() == list(explainer.loaded.layers)


def test_sixteen_frames_in_the_7b_shape():
    """At 448 x 448 pixels, 2,048 visual tokens; one sample, and every layer's map, in 40 GB."""
    seven = Dimensions(28, 3584, 18_944, 28, 4, 128, 152_064)
    assert 16.6e9 + phases(seven, sweep_load(28, 2_048 + 160, 2_048, 128), 2).peak < 40e9
