"""Starting from the shipped checkpoint: it says what that said, with room for new words."""

import pytest
import torch

from core.embedded.training.architecture import build_model
from core.embedded.training.ask import Checkpoint, load, read_answer
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.embedded.training.warm_start import take_over
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.scenes.wording import KINDS


def test_what_was_known_is_still_said_and_new_words_have_a_place():
    shipped = load()
    tokenizer = build_tokenizer()
    model = build_model(tokenizer, seed=0).eval()
    new = take_over(model, tokenizer)
    assert 0 < new == len(set(tokenizer.get_vocab()) - set(shipped.tokenizer.get_vocab()))
    warm = Checkpoint(model, tokenizer, build_image_processor())
    for kind, seed in zip(KINDS, EVALUATION_SEEDS[-len(KINDS) :], strict=True):
        scene = sample(seed, kind)
        before, _ = read_answer(shipped, scene.image, scene.question, scene.answer)
        after, tokens = read_answer(warm, scene.image, scene.question, scene.answer)
        known = shipped.tokenizer.convert_tokens_to_ids(tokenizer.convert_ids_to_tokens(tokens.tolist()))
        # Logits of the words that both know are the same; only the new ones take their share.
        one = before[range(len(known)), known] - before[:, 2]
        other = after[range(len(known)), tokens] - after[:, 2]
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_a_checkpoint_of_another_shape_is_refused(untrained, tmp_path):
    untrained.model.save_pretrained(tmp_path)
    untrained.tokenizer.save_pretrained(tmp_path)
    model = build_model(untrained.tokenizer, seed=0)
    model.model.extra = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="has another architecture"):
        take_over(model, untrained.tokenizer, tmp_path)
