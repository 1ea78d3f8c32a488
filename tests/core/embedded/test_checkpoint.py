"""The checkpoint as users meet it: a folder that stock code loads, and a model that looks."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image
from transformers import AutoConfig, AutoImageProcessor, AutoTokenizer

from core.embedded import CHECKPOINT
from core.embedded.training.ask import Checkpoint, answer, answer_probability, load
from core.scenes.drawing import COLORS, SHAPES, Drawing, compose
from core.scenes.scene import EVALUATION_SEEDS, TRAINING_SEEDS, sample
from core.scenes.wording import CELL_NAMES, KINDS, SHORT_KINDS

TOKENIZER = AutoTokenizer.from_pretrained(CHECKPOINT)
SPARE_SEEDS = EVALUATION_SEEDS[-1000:]
"""Seeds that `measure` does not reach with its usual number of scenes."""


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load()


def erased(image: Image.Image, mask: np.ndarray) -> Image.Image:
    """Paint a disc-grown mask with the median colour of the pixels just around it."""
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    around = cv2.dilate(grown.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(bool) & ~grown
    pixels = np.array(image)
    pixels[grown] = np.median(pixels[around], axis=0)
    return Image.fromarray(pixels)


def test_the_folder_is_small_and_holds_no_pickle():
    files = [path for path in CHECKPOINT.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 10_000_000
    assert {path.suffix for path in files} <= {".json", ".jinja", ".md", ".safetensors"}


def test_the_folder_is_what_the_hub_style_loaders_expect(checkpoint):
    config = AutoConfig.from_pretrained(CHECKPOINT)
    assert config.model_type == "qwen2_5_vl" and config.architectures == ["Qwen2_5_VLForConditionalGeneration"]
    assert config.image_token_id == TOKENIZER.convert_tokens_to_ids("<|image_pad|>")
    assert config.text_config.vocab_size == len(TOKENIZER)
    assert AutoImageProcessor.from_pretrained(CHECKPOINT).size["longest_edge"] == 108 * 28 * 28
    generation = checkpoint.model.generation_config
    assert not generation.do_sample
    assert generation.eos_token_id == TOKENIZER.convert_tokens_to_ids("<|im_end|>")
    assert generation.pad_token_id == TOKENIZER.convert_tokens_to_ids("<|endoftext|>")


def test_the_training_record_is_complete():
    record = json.loads((CHECKPOINT / "training.json").read_text(encoding="utf-8"))
    assert set(record["held_out"]) == set(KINDS)
    assert min(record["held_out"][kind]["exact"] for kind in SHORT_KINDS) >= 0.95
    assert "colour and shape" in record["auxiliary_losses"]
    assert record["training_seeds"] == [TRAINING_SEEDS.start, TRAINING_SEEDS.stop]


def test_unseen_short_questions_are_answered_right(checkpoint):
    scenes = [sample(seed, SHORT_KINDS[index % 7]) for index, seed in enumerate(SPARE_SEEDS[:42])]
    right = [answer(checkpoint, scene.image, scene.question) == scene.answer for scene in scenes]
    assert np.mean(right) >= 0.9


def test_unseen_scenes_are_described_token_by_token(checkpoint):
    scenes = [sample(seed, kind) for seed in SPARE_SEEDS[:8] for kind in ("describe_en", "describe_zh")]
    right = [answer(checkpoint, scene.image, scene.question) == scene.answer for scene in scenes]
    assert np.mean(right) >= 0.75


def where(picture: Drawing, index: int) -> tuple[str, str]:
    thing = picture.things[index]
    return f"Where is the {COLORS[thing.color]} {SHAPES[thing.shape]}?", CELL_NAMES[thing.cell]


def test_the_answer_rests_on_the_asked_object_alone(checkpoint):
    kept, lost = [], []
    for seed in SPARE_SEEDS[:12]:
        picture = compose(seed, objects=3)
        question, truth = where(picture, 0)
        gone, other = (erased(picture.image, picture.things[index].mask) for index in (0, 1))
        lost.append(answer_probability(checkpoint, gone, question, truth))
        kept.append(answer_probability(checkpoint, other, question, truth))
    assert np.mean(kept) > 0.85
    assert np.mean(lost) < 0.3


def test_a_mirrored_picture_swaps_left_and_right(checkpoint):
    swap = {"left": "right", "right": "left"}
    right = []
    for seed in SPARE_SEEDS[:12]:
        picture = compose(seed, objects=2)
        question, truth = where(picture, 1)
        mirrored = " ".join(swap.get(word, word) for word in truth.split())
        image = picture.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        right.append(answer(checkpoint, image, question) == mirrored)
    assert np.mean(right) >= 0.8
