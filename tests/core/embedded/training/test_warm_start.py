"""Starting from a checkpoint of fewer words: what starts says what that said, with room for the new ones."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from core.embedded import CHECKPOINT
from core.embedded.training.architecture import build_model
from core.embedded.training.ask import Checkpoint, load, read_answer
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.embedded.training.warm_start import take_over
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.scenes.wording import KINDS

FORGOTTEN = ("coloured", "vanishes", "moves", "画出来的")
"""Words that no question about a picture has, and no other word is made of."""


@pytest.fixture(scope="module")
def smaller(tmp_path_factory) -> Path:
    """The shipped checkpoint without some of the words that its tokenizer learned, as one before it would be."""
    folder = tmp_path_factory.mktemp("smaller") / "checkpoint"
    shutil.copytree(CHECKPOINT, folder)
    shipped, tokens = load(), json.loads((folder / "tokenizer.json").read_text("utf-8"))
    known = tokens["model"]["vocab"]
    gone = {shipped.tokenizer.tokenize(word)[0] for word in FORGOTTEN}
    left = [word for word in sorted(known, key=known.get) if word not in gone]
    assert len(left) == len(known) - len(FORGOTTEN)
    tokens["model"]["vocab"] = {word: number for number, word in enumerate(left)}
    tokens["model"]["merges"] = [pair for pair in tokens["model"]["merges"] if "".join(pair) not in gone]
    (folder / "tokenizer.json").write_text(json.dumps(tokens, ensure_ascii=False), "utf-8")
    rows = shipped.model.get_input_embeddings().weight[[known[word] for word in left]].detach()
    shipped.model.resize_token_embeddings(len(left))
    shipped.model.get_input_embeddings().weight.data.copy_(rows)
    shipped.model.save_pretrained(folder)
    return folder


def test_what_was_known_is_still_said_and_new_words_have_a_place(smaller):
    before, tokenizer = load(smaller), build_tokenizer()
    model = build_model(tokenizer, seed=0).eval()
    assert take_over(model, tokenizer, smaller) == len(FORGOTTEN)
    warm = Checkpoint(model, tokenizer, build_image_processor())
    for kind, seed in zip(KINDS, EVALUATION_SEEDS[-len(KINDS) :], strict=True):
        scene = sample(seed, kind)
        said, tokens = read_answer(before, scene.image, scene.question, scene.answer)
        again, same = read_answer(warm, scene.image, scene.question, scene.answer)
        known = before.tokenizer.convert_tokens_to_ids(tokenizer.convert_ids_to_tokens(same.tolist()))
        assert known == tokens.tolist()
        # Logits of the words that both know are the same; only the new ones take their share.
        one = said[range(len(known)), known] - said[:, 2]
        other = again[range(len(known)), same] - again[:, 2]
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_a_checkpoint_of_another_shape_is_refused(untrained, tmp_path):
    untrained.model.save_pretrained(tmp_path)
    untrained.tokenizer.save_pretrained(tmp_path)
    model = build_model(untrained.tokenizer, seed=0)
    model.model.extra = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="has another architecture"):
        take_over(model, untrained.tokenizer, tmp_path)
