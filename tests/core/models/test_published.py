"""Published settings: prompt, ids, positions, grid, pixels and answer are those of transformers' own parts."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoTokenizer, GenerationConfig
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from core import Explainer
from core.inference.end_of_answer import end_ids
from core.inference.forward import build_sequence
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.checkpoints import describe_model
from core.models.visual_token_count import most_visual_tokens
from tests.conftest import gradient_picture
from tests.core.models.published import FOLDERS, SETTINGS, build

BEFORE = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
AFTER = "<|im_end|>\n<|im_start|>assistant\n"
PLACE = "<|vision_start|><|image_pad|><|vision_end|>"

CASES = [
    ("Where is the red square?", [(168, 252)], True),
    ("Где красный квадрат?", [(400, 120)], True),
    ("红色的正方形在哪里？", [(60, 500)], True),
    ("أين المربع الأحمر؟ 🙂", [(33, 47)], True),
    ("Où est le carré rouge ?\nDis-le en un mot.", [(224, 224)], False),
    ("What differs?", [(168, 252), (90, 61)], True),
    ("違いは何ですか？", [(60, 500), (168, 252), (28, 28)], False),
]
"""(prompt, (height, width) of each picture, whether the pictures come first)."""


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request, tmp_path_factory):
    made = tmp_path_factory.mktemp("published") / request.param
    made.mkdir()
    build(request.param, made)
    return made


@pytest.fixture(scope="module")
def explainer(folder):
    return Explainer.from_pretrained(folder, device="cpu")


@pytest.fixture(scope="module")
def parts(folder):
    """transformers' own tokenizer and image processor, straight from the folder."""
    return AutoTokenizer.from_pretrained(folder), Qwen2VLImageProcessorPil.from_pretrained(folder)


def pictures_of(sizes):
    return [load_picture(gradient_picture(height, width).rotate(90 * i)) for i, (height, width) in enumerate(sizes)]


def written(parts, prompt, pictures, picture_first):
    """(the prompt with placeholders for every token of the pictures, what the image processor made of them)."""
    seen = parts[1]([Image.fromarray(np.asarray(picture.pixels)) for picture in pictures], return_tensors="pt")
    places = PLACE * len(pictures)
    text = BEFORE + (places + prompt if picture_first else prompt + places) + AFTER
    pieces = text.split("<|image_pad|>")
    counts = [int(grid.prod()) // 4 for grid in seen["image_grid_thw"]]
    filled = "".join(piece + "<|image_pad|>" * count for piece, count in zip(pieces, [*counts, 0], strict=True))
    return filled, seen


def test_the_settings_are_those_that_were_published(folder):
    name = folder.name
    for file in ("tokenizer_config.json", "preprocessor_config.json", "generation_config.json", "chat_template.json"):
        assert (folder / file).read_bytes() == (SETTINGS / name / file).read_bytes()
    assert describe_model(folder, device="cpu").model_type == FOLDERS[name]


def test_special_tokens_have_the_published_ids(explainer):
    tokenizer = explainer.loaded.processor.tokenizer
    assert tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_end|>", "<|image_pad|>"]) == [151643, 151645, 151655]
    assert tokenizer("in the", add_special_tokens=False)["input_ids"] == [258, 279]
    assert end_ids(explainer.loaded) == [151643, 151645]


@pytest.mark.parametrize("case", CASES)
def test_prompt_ids_grid_pixels_and_positions(explainer, parts, case):
    prompt, sizes, picture_first = case
    pictures = pictures_of(sizes)
    text, seen = written(parts, prompt, pictures, picture_first)
    prepared = prepare(explainer.loaded, pictures, prompt, picture_first=picture_first)
    ids = parts[0](text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    assert torch.equal(prepared.input_ids, ids)
    assert parts[0].decode(prepared.input_ids[0]) == text
    assert torch.equal(prepared.vision["image_grid_thw"], seen["image_grid_thw"])
    assert torch.equal(prepared.pixel_values, seen["pixel_values"])
    assert prepared.grids == tuple((rows // 2, columns // 2) for _, rows, columns in seen["image_grid_thw"].tolist())
    answer = force_answer(explainer.loaded, prepared, "In the corner.")
    sequence = build_sequence(explainer.loaded, prepared, answer)
    whole = torch.cat([ids[0], torch.tensor([token.id for token in answer.tokens])])[None]
    wanted, _ = explainer.loaded.model.model.get_rope_index(
        whole, mm_token_type_ids=(whole == 151655).long(), image_grid_thw=seen["image_grid_thw"]
    )
    assert torch.equal(sequence.position_ids, wanted)


@pytest.mark.parametrize("case", [CASES[0], CASES[5]])
def test_the_answer_is_the_models_greedy_one(explainer, parts, case):
    prompt, sizes, picture_first = case
    pictures, model = pictures_of(sizes), explainer.loaded.model
    text, seen = written(parts, prompt, pictures, picture_first)
    ids = parts[0](text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    own = model.generation_config
    greedy = GenerationConfig(
        do_sample=False,
        max_new_tokens=6,
        eos_token_id=own.eos_token_id,
        pad_token_id=own.pad_token_id,
        repetition_penalty=own.repetition_penalty,
    )
    said = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == 151655).long(),
        generation_config=greedy,
        **seen,
    )
    model.model.rope_deltas = None
    answer = explainer.answer(pictures, prompt, max_new_tokens=6)
    assert [token.id for token in answer.tokens] == said[0, ids.shape[1] :].tolist()


@pytest.mark.parametrize("size", [(168, 252), (1372, 2044), (20, 3000)])
def test_visual_tokens_are_told_before_it_is_loaded(folder, parts, size):
    height, width = size
    grid = parts[1](gradient_picture(height, width), return_tensors="pt")["image_grid_thw"]
    assert most_visual_tokens([(width, height)], folder) == int(grid.prod()) // 4


def test_a_map(explainer):
    found = explainer.explain(gradient_picture(168, 252), "Where?", num_samples=1, max_new_tokens=2)
    assert found.heat.shape == (2, 6, 9) and np.isfinite(found.heat).all() and found.heat.max() > 0
