import gc
import importlib.util
import json

import numpy as np
import pytest
import torch

from core import Explainer, ModelError
from core.evaluation.trust.sanity import scrambled
from core.inputs.pictures import load_picture
from core.memory.budget import actual_bytes
from core.models.loading import load_model, wrap_model
from core.models.placement import at_hand, device_of, devices_of, is_offloaded
from core.scenes.scene import sample
from core.schema.methods import METHODS
from tests.some import some

needs_accelerate = pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs accelerate")
SCENE = sample(1_700_001, "where")
SOON = [name for name, method in METHODS.items() if not method.own_passes]
EVERYTHING = {"model.visual": "disk", "model.language_model": "disk", "lm_head": "disk"}


def maps(explainer, methods=SOON, **told):
    told = {"num_samples": 2, "noise_std": 0.1, **told}
    return explainer.explain(load_picture(SCENE.image), SCENE.question, method=methods, **told)


@pytest.fixture(scope="module")
def whole(explainer):
    """Maps of the embedded model, all of it on one device."""
    return maps(explainer), maps(explainer, ["hirescam"], part="tower")


def assert_alike(found, wanted):
    for each in some((found, *found.companions.values())):
        name = each.request.method
        like = wanted.of(name).heat
        # The patches are embedded by a convolution instead of a product; what divides by nearly nothing feels that.
        off = 5e-3 if name == "gradcam_plus_plus" else 1e-3
        np.testing.assert_allclose(each.heat, like, rtol=1e-3, atol=off * np.abs(like).max(), err_msg=name)


@needs_accelerate
@pytest.mark.parametrize("device_map", ["disk", EVERYTHING, "auto"])
def test_maps_of_offloaded_layers_equal_those_of_one_device(device_map, whole):
    spread = Explainer.from_pretrained(None, "cpu", device_map=device_map)
    assert is_offloaded(spread.loaded.model) == (device_map != "auto")
    assert spread.loaded.device == torch.device("cpu") and devices_of(spread.loaded.model) == [torch.device("cpu")]
    assert maps(spread).answer.text == whole[0].answer.text
    assert_alike(maps(spread), whole[0])
    assert_alike(maps(spread, ["hirescam"], part="tower"), whole[1])


@pytest.mark.gpu
@needs_accelerate
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_cuda_too_layers_may_lie_elsewhere():
    whole = maps(Explainer.from_pretrained(None, "cuda"))
    half = {"model.visual": 0, "model.language_model.embed_tokens": 0, "lm_head": 0}
    last = torch.cuda.device_count() - 1
    spread = half | {"model.language_model.norm": last, "model.language_model.rotary_emb": 0}
    spread |= {f"model.language_model.layers.{layer}": 0 if layer < 4 else last for layer in range(8)}
    for device_map in ("cpu", "auto", *([spread] if last else [])):
        found = maps(Explainer.from_pretrained(None, "cuda", device_map=device_map))
        assert found.answer.text == whole.answer.text
        heat, like = found.of("combined").heat, whole.of("combined").heat
        np.testing.assert_allclose(heat, like, rtol=1e-2, atol=1e-2 * np.abs(like).max())


@needs_accelerate
@pytest.mark.parametrize("quantisation", ["4bit", "8bit"])
def test_layers_may_be_quantised_and_offloaded(quantisation):
    here = Explainer.from_pretrained(None, "cpu", quantisation=quantisation)
    spread = Explainer.from_pretrained(f"embedded;{quantisation};device_map=disk", "cpu")
    assert is_offloaded(spread.loaded.model)
    assert_alike(maps(spread, ["combined", "hirescam"]), maps(here, ["combined", "hirescam"]))


@needs_accelerate
def test_a_model_that_the_caller_has_offloaded_is_explained(whole):
    from accelerate import cpu_offload

    plain = load_model(None, "cpu")
    cpu_offload(plain.model, execution_device="cpu")
    assert is_offloaded(plain.model)
    assert_alike(maps(Explainer(wrap_model(plain.model, plain.processor))), whole[0])


@needs_accelerate
def test_the_folder_of_what_is_offloaded_goes_with_the_model(tmp_path, monkeypatch):
    monkeypatch.setattr("core.models.placement.own_folder", lambda: tmp_path)
    loaded = load_model("embedded;4bit;device_map=disk", "cpu")
    (folder,) = tmp_path.iterdir()
    assert any(folder.iterdir())
    del loaded
    gc.collect()
    assert not folder.exists()


@needs_accelerate
def test_weights_are_at_hand_where_they_are_read(explainer):
    spread = load_model(None, "cpu", options_of(device_map=EVERYTHING))
    head = spread.model.lm_head
    assert head.weight.is_meta and device_of(head) == torch.device("cpu")
    with at_hand(head):
        assert torch.equal(head.weight, explainer.loaded.model.lm_head.weight)
    assert head.weight.is_meta


@needs_accelerate
def test_what_is_offloaded_is_not_counted_and_cannot_be_scrambled(explainer):
    spread = load_model(None, "cpu", options_of(device_map="disk"))
    assert actual_bytes(spread.model) < 0.6 * actual_bytes(explainer.loaded.model)
    with pytest.raises(ModelError, match="offloaded, so that their weights cannot be scrambled"):
        with scrambled(spread.layers[-1:], 0):
            pass


def options_of(**given):
    from core.models.options import model_options

    return model_options(**given)


def test_without_accelerate_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr("core.models.placement.PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="package accelerate, which is not installed. Install it"):
        load_model(None, "cpu", options_of(device_map="auto"))


@needs_accelerate
@pytest.mark.skipif(torch.cuda.is_available(), reason="there are CUDA devices here")
def test_devices_that_are_not_there_are_named(tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"model": 0, "lm_head": 1}))
    with pytest.raises(ModelError, match="names CUDA devices, and PyTorch can use none here"):
        load_model(f"embedded;device_map={path}", "cpu")


@needs_accelerate
def test_a_map_that_leaves_something_out_is_refused():
    with pytest.raises(ModelError, match="could not be loaded"):
        load_model(None, "cpu", options_of(device_map={"lm_head": "disk"}))


def test_a_model_on_one_device_is_as_it_was(explainer):
    assert devices_of(explainer.loaded.model) == [torch.device("cpu")] and not is_offloaded(explainer.loaded.model)
    with at_hand(explainer.loaded.model.lm_head) as head:
        assert head is explainer.loaded.model.lm_head
