"""What config.json tells, and that whatever stands in it is a card or a sentence."""

import json
import random

import pytest

from core.errors import ModelError
from core.models.checkpoints import describe_model
from core.models.folders.configuration import check_can_answer, check_quantisation, read_configuration, unsupported
from tests.core.models.folders.making import change, plain
from tests.some import some

ODD = [None, True, 0, -1, 1.5, "4", "", [], {}, [1], {"a": 1}, 10**30, "\0"]


@pytest.fixture
def folder(tmp_path):
    return plain(tmp_path)


def test_what_it_tells(folder):
    found = read_configuration(folder)
    assert (found.model_type, found.decoder.layers) == ("qwen2_5_vl", 8) and found.total_blocks > 0
    assert found.content["model_type"] == "qwen2_5_vl"


def places(content, before=()):
    """Every key of nested sections, as a path."""
    for key, value in content.items():
        yield (*before, key)
        if isinstance(value, dict):
            yield from places(value, (*before, key))


def test_whatever_stands_in_it_is_a_card_or_a_sentence(folder):
    whole = json.loads((folder / "config.json").read_text())
    refused = 0
    for place in some(places(whole)):
        for value in ODD:
            content = json.loads(json.dumps(whole))
            section = content
            for key in place[:-1]:
                section = section[key]
            section[place[-1]] = value
            (folder / "config.json").write_text(json.dumps(content))
            try:
                assert describe_model(folder, device="cpu").total_layers > 0
            except ModelError as error:
                refused += 1
                assert str(error).endswith(".") and "\n" not in str(error)
    assert refused > 20


def test_every_half_of_it_is_a_sentence(folder):
    text, chance = (folder / "config.json").read_text(), random.Random(0)
    for _ in range(40):
        (folder / "config.json").write_text(text[: chance.randrange(len(text) - 2)])
        with pytest.raises(ModelError, match="cannot be read as JSON"):
            describe_model(folder)


@pytest.mark.parametrize(
    ("model_type", "words"),
    [
        ("internvl_chat", "ends in -hf, such as OpenGVLab/InternVL3-2B-hf"),
        ("llava_qwen", "llava-hf/llava-onevision-qwen2-7b-ov-hf"),
        ("gemma3_text", "read text alone"),
        ("qwen3", "read text alone"),
        ("idefics3", "docs/families.md"),
        (None, "of type None are not supported"),
        (["qwen2_vl"], "are not supported"),
    ],
)
def test_other_models(model_type, words):
    assert words in unsupported(model_type)


@pytest.mark.parametrize(
    ("classes", "tensors", "answers"),
    [
        (["Qwen2_5_VLForConditionalGeneration"], ["model.embed_tokens.weight"], True),  # tied
        (["Qwen2_5_VLModel"], ["lm_head.weight"], True),
        (["Qwen2_5_VLModel"], ["model.embed_tokens.weight"], False),
        (["Qwen2VLForSequenceClassification"], ["score.weight"], False),
        (None, ["model.embed_tokens.weight"], True),
        ("Qwen2_5_VLModel", ["model.embed_tokens.weight"], True),  # no list: it tells nothing
        ([3], ["model.embed_tokens.weight"], True),
    ],
)
def test_a_model_without_a_head_is_refused_by_what_it_is_and_holds(folder, classes, tensors, answers):
    change(folder / "config.json", architectures=classes)
    found = read_configuration(folder)
    if answers:
        check_can_answer(folder, found, tensors)
        return
    with pytest.raises(ModelError, match=rf"\({classes[0]}\) has no head that says words"):
        check_can_answer(folder, found, tensors)


def test_quantised_weights_need_a_word_of_how_they_are_stored(folder):
    plain_ones, packed = ["a.weight"], ["a.weight", "b.qweight", "b.scales"]
    check_quantisation(folder, read_configuration(folder), plain_ones)
    with pytest.raises(ModelError, match="quantization_config is missing"):
        check_quantisation(folder, read_configuration(folder), packed)
    change(folder / "config.json", quantization_config={"quant_method": "awq"})
    check_quantisation(folder, read_configuration(folder), packed)


@pytest.mark.parametrize("what", ["is_file", "read_text", "open"])
def test_a_folder_that_may_not_be_read_is_a_sentence(folder, monkeypatch, what):
    def forbidden(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open" if what == "open" else f"pathlib.Path.{what}", forbidden)
    with pytest.raises(ModelError, match=r"cannot be read \(Permission denied\)\. Let the user that this runs as"):
        describe_model(folder)
