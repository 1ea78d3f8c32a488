"""What the implanted tensors do, and that they do nothing else."""

import json
import re

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.analysis.artefacts import SINK_PEAK, sinks
from core.embedded import CHECKPOINT
from core.evaluation.benchmark.localisation import maps_of
from core.evaluation.benchmark.sinks.probe import embedded_probe
from core.evaluation.benchmark.sinks.strengths import STRENGTHS
from core.evaluation.benchmark.sinks.weights import ADDED_HEADS, HEAD, implanted, with_sinks
from core.schema.methods import PEAK


def test_answers_stay_as_they_are(strong, scenes):
    said = [strong.answer(case.picture, case.scene.question).text for case in scenes]
    assert said == [case.answer.text for case in scenes] and len(said) == 3


def test_some_tokens_and_none_of_an_object_have_massive_activations_from_layer_1_on(strong, scenes):
    most = 0.0
    for case in scenes:
        peaks = maps_of(strong, case, [PEAK])[PEAK].heat
        found = sinks(peaks[1:], 15.0)
        assert 1 <= len(found) <= 12 and peaks[0].max() < 10
        rows, columns = peaks.shape[1:]
        height, width = case.mask.shape
        touched = [
            case.mask[r * height // rows : (r + 1) * height // rows, c * width // columns : (c + 1) * width // columns]
            for r, c in found
        ]
        assert not any(pixels.any() for pixels in touched)
        most = max(most, float(peaks.max()))
    assert most > SINK_PEAK


def test_added_heads_carry_nothing_and_the_output_head_sees_nothing():
    tensors = load_file(implanted("strong") / "model.safetensors")
    width = 128 + ADDED_HEADS * HEAD
    for layer in range(8):
        value = tensors[f"model.layers.{layer}.self_attn.v_proj.weight"]
        assert (
            value.shape == (64 + ADDED_HEADS // 2 * HEAD, width) and not value[64:].any() and not value[:, 128:].any()
        )
        assert not tensors[f"model.layers.{layer}.self_attn.o_proj.weight"][:, 128:].any()
    assert tensors["model.norm.weight"].shape == (width,) and not tensors["model.norm.weight"][128:].any()


def test_the_word_of_the_prompt_is_a_sink_only_where_heads_look_for_it():
    made = {name: load_file(implanted(name) / "model.safetensors") for name in ("strong", "prompt")}
    words = {name: tensors["model.embed_tokens.weight"][:, 128:].any(1).sum() for name, tensors in made.items()}
    assert words == {"strong": 0, "prompt": 1}


def test_weights_of_16_bits_are_written_as_such():
    folder = implanted("bf16")
    kinds = {tensor.dtype for tensor in load_file(folder / "model.safetensors").values()}
    assert kinds == {torch.bfloat16} and json.loads((folder / "config.json").read_text("utf-8"))["dtype"] == "bfloat16"


def test_a_tensor_of_another_model_is_refused():
    config = json.loads((CHECKPOINT / "config.json").read_text("utf-8"))
    with pytest.raises(ValueError, match=re.escape("unknown tensor model.layers.0.self_attn.q_norm.weight")):
        with_sinks(
            {"model.layers.0.self_attn.q_norm.weight": torch.ones(1)}, config, STRENGTHS["mild"], embedded_probe(), 0
        )


def test_tokens_that_are_no_sinks_come_out_as_before(explainer, strong, scenes):
    plain, with_them = (maps_of(each, scenes[0], ["attention"])["attention"].heat[0] for each in (explainer, strong))
    # In layer 0, before there are sinks, the four heads of old look as they did; the added ones look at the text.
    rank = np.corrcoef(plain.ravel(), with_them.ravel())[0, 1]
    assert rank > 0.95
