"""A model's processor without its model, and without torchvision."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

import core
from core import ModelError
from core.embedded import CHECKPOINT
from core.inputs.prompt import prepare
from core.models.loading import wrap_model
from tests.conftest import gradient_picture


def test_it_makes_the_inputs_that_the_loaded_model_gets(explainer):
    picture = core.load_picture(gradient_picture(56, 84))
    wrapped = wrap_model(explainer.loaded.model, core.load_processor())
    one, other = (prepare(each, picture, "What is there?") for each in (explainer.loaded, wrapped))
    assert torch.equal(one.pixel_values, other.pixel_values)


@pytest.mark.parametrize("model", [None, CHECKPOINT, str(CHECKPOINT), "embedded;4bit"])
def test_models_are_named_as_elsewhere(explainer, model):
    processor = core.load_processor(model)
    assert type(processor) is type(explainer.loaded.processor)
    assert processor.chat_template == explainer.loaded.processor.chat_template


def test_weights_need_not_be_there(tmp_path):
    shutil.copytree(CHECKPOINT, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    assert core.load_processor(tmp_path / "model").image_processor is not None


def test_what_is_no_model_is_said(tmp_path):
    with pytest.raises(ModelError, match="There is no model folder"):
        core.load_processor("/nowhere/at all")
    shutil.copytree(CHECKPOINT, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "model" / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="could not be loaded"):
        core.load_processor(tmp_path / "model")


def test_pictures_are_prepared_by_pil_whatever_else_is_installed():
    """Resized by PIL to whole tokens and normalised; torchvision, where it is there, would resize otherwise."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 100, 3), np.uint8))
    processor = core.load_processor().image_processor
    found = processor(images=[image], return_tensors="np")
    _, rows, columns = found["image_grid_thw"][0] * processor.patch_size
    pixels = np.asarray(image.resize((int(columns), int(rows)), Image.Resampling.BICUBIC)) / 255
    wanted = (pixels - np.array(processor.image_mean)) / np.array(processor.image_std)
    twice = np.repeat(wanted.ravel(), processor.temporal_patch_size)  # a picture counts as that many frames
    np.testing.assert_allclose(np.sort(found["pixel_values"].ravel()), np.sort(twice), atol=1e-5)
    assert (rows, columns) != (70, 100)
