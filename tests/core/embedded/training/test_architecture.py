"""The untrained model: seeded weights of the stated spread, and a folder that brings them back."""

import pytest
import torch

from core.embedded.training.architecture import build_model, save_checkpoint
from core.embedded.training.ask import load


def test_equal_seeds_give_equal_weights_and_others_do_not(untrained):
    again, other = (build_model(untrained.tokenizer, seed) for seed in (3, 4))
    pairs = list(zip(untrained.model.parameters(), again.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(one, same) for one, same, _ in pairs)
    assert not any(torch.equal(one, another) for one, _, another in pairs if one.ndim > 1)


def test_matrices_have_the_stated_spread(untrained):
    layer = untrained.model.model.language_model.layers[0]
    assert float(layer.mlp.up_proj.weight.detach().std()) == pytest.approx(0.8 * 128**-0.5, rel=0.02)
    assert float(layer.mlp.down_proj.weight.detach().std()) == pytest.approx(0.35 * 0.8 * 256**-0.5, rel=0.02)


def test_what_was_saved_comes_back(untrained, tmp_path):
    save_checkpoint(untrained.model, untrained.tokenizer, tmp_path)
    loaded = load(tmp_path)
    for one, same in zip(untrained.model.parameters(), loaded.model.parameters(), strict=True):
        assert torch.equal(one, same)
    assert loaded.tokenizer.get_vocab() == untrained.tokenizer.get_vocab()
    assert loaded.image_processor.size == untrained.image_processor.size
