import numpy as np
import pytest
import torch
from torch import nn
from transformers import Qwen2_5_VLForConditionalGeneration

from core import Explainer, Target
from core.errors import ModelError
from core.gradcam import get_model_layers
from core.models.loading import load_model, wrap_model
from tests.conftest import gradient_picture

QUESTION = "Where is the red square?"
OPTIONS = {"num_samples": 2, "target": Target.answer(sentence="Top left."), "method": ["gradient_deviation", "tam"]}


@pytest.fixture
def own(base):
    """A model that a test may spoil."""
    return load_model(base, device="cpu")


@pytest.fixture(scope="module")
def picture():
    return gradient_picture(112, 140)


@pytest.fixture(scope="module")
def heat(base, picture):
    """What a model that is loaded here gives."""
    return Explainer.from_pretrained(base, device="cpu").explain(picture, QUESTION, **OPTIONS).heat


def explained(model, processor, picture):
    return Explainer(wrap_model(model, processor)).explain(picture, QUESTION, **OPTIONS).heat


class Tuned(Qwen2_5_VLForConditionalGeneration):
    """A subclass, as whoever trains models writes it."""


def test_a_subclass_whatever_its_configuration_calls_itself(own, picture, heat):
    own.model.__class__ = Tuned
    own.model.config.model_type = "mine"
    assert np.array_equal(explained(own.model, own.processor, picture), heat)


def test_a_compiled_model_is_explained_as_it_is_written(own, picture, heat):
    compiled = torch.compile(own.model, backend="eager")
    assert type(compiled) is not type(own.model)
    assert np.array_equal(explained(compiled, own.processor, picture), heat)
    own.model.compile(backend="eager")
    assert np.array_equal(explained(own.model, own.processor, picture), heat)
    assert own.model._compiled_call_impl is not None
    assert get_model_layers(compiled)[1] == len(own.layers)


def test_a_model_that_compiles_its_layers(own, picture, heat):
    for layer in own.layers:
        layer.compile(backend="eager")
    assert np.array_equal(explained(own.model, own.processor, picture), heat)


def test_layers_inside_compilers_of_their_own_are_refused(own):
    own.layers[1] = torch.compile(own.layers[1], backend="eager")
    with pytest.raises(ModelError, match="compiled one by one"):
        wrap_model(own.model, own.processor)


def test_a_model_for_several_devices(own, picture, heat):
    assert np.array_equal(explained(nn.DataParallel(own.model), own.processor, picture), heat)


def test_a_caller_inside_inference_mode(own, base, picture, heat):
    with torch.inference_mode():
        assert np.array_equal(explained(own.model, own.processor, picture), heat)
        assert torch.is_inference_mode_enabled()
        loaded = load_model(base, device="cpu")
        words = Explainer(loaded).explain_words(picture, QUESTION, sentence="Top left.")
    assert len(words) == 2
    assert np.array_equal(explained(loaded.model, loaded.processor, picture), heat)


def test_a_model_that_was_made_inside_inference_mode(base, own, picture, heat):
    with torch.inference_mode():
        model = Qwen2_5_VLForConditionalGeneration.from_pretrained(base, dtype=torch.float32)
        changed = own.model.to(torch.float64)
    assert np.allclose(explained(model, own.processor, picture), heat, rtol=1e-4)
    with pytest.raises(ModelError, match="inference_mode.*outside"):
        wrap_model(changed, own.processor)


def test_a_model_without_a_head(own):
    with pytest.raises(ModelError, match="Qwen2_5_VLModel has no head.*Load it as Qwen2_5_VLForConditionalGeneration"):
        wrap_model(own.model.model, own.processor)
    own.model.lm_head = None
    with pytest.raises(ModelError, match="has no head"):
        wrap_model(own.model, own.processor)


def test_another_class_with_a_type_of_ours(own):
    class Other(nn.Module):
        config = own.model.config
        lm_head = own.model.lm_head

        def generate(self):
            """It can."""

    with pytest.raises(ModelError, match="does not keep its decoder layers where Qwen2.5-VL has them"):
        wrap_model(Other(), own.processor)


@pytest.mark.filterwarnings("ignore")
def test_dynamic_int8(own):
    quantised = torch.ao.quantization.quantize_dynamic(own.model, {nn.Linear}, dtype=torch.qint8)
    with pytest.raises(ModelError, match="whole numbers.*no gradient"):
        wrap_model(quantised, own.processor)


@pytest.mark.parametrize("model", [None, "Qwen/Qwen2.5-VL-3B-Instruct", {}])
def test_what_is_no_model(own, model):
    with pytest.raises(ModelError, match="A model from transformers is needed, not a value of type"):
        wrap_model(model, own.processor)


def test_what_is_no_processor(own):
    for given, sentence in (
        (None, "processor is missing"),
        (own.processor.tokenizer, "A tokenizer was given"),
        (own.processor.image_processor, "In the processor's place"),
    ):
        with pytest.raises(ModelError, match=sentence):
            wrap_model(own.model, given)


def test_another_model_s_processor(own):
    own.processor.image_token_ids = [3]
    with pytest.raises(ModelError, match="belongs to another model"):
        wrap_model(own.model, own.processor)


def test_a_processor_without_a_chat_template(own):
    own.processor.chat_template = None
    with pytest.raises(ModelError, match="no chat template"):
        wrap_model(own.model, own.processor)


class PromptTuned(nn.Module):
    """What PEFT makes of a model for prompt tuning."""

    def __init__(self, model):
        super().__init__()
        self.base = model
        self.peft_config = {"default": type("Config", (), {"is_prompt_learning": True})}

    def get_base_model(self):
        return self.base


def test_learned_tokens_before_the_prompt(own):
    with pytest.raises(ModelError, match="learned tokens before the prompt"):
        wrap_model(PromptTuned(own.model), own.processor)
