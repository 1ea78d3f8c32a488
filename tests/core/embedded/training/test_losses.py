"""What the log says: means since it last spoke, by group or by kind of question."""

import re

import pytest
import torch

from core.embedded.training.auxiliary_losses import AuxiliaryHeads
from core.embedded.training.losses import Tally, losses_of


def test_losses_of_a_batch_are_tallied_by_kind(untrained, either):
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    losses, batch = losses_of(untrained.model, heads, either.batch), either.batch
    assert losses.by_token.shape == batch.owners.shape
    weighted = (losses.by_token * batch.answer_weights).sum() / batch.answer_weights.sum()
    torch.testing.assert_close(losses.answer.detach(), weighted)
    tally = Tally()
    tally.add(batch, losses)
    line = tally.line(25, 90.0, kinds=True)
    group = "clip" if either.clips[0].steps > 1 else "picture"
    kind = batch.kinds[3]
    owned = [index for index, name in enumerate(batch.kinds) if name == kind]
    by_hand = torch.stack([losses.by_token[batch.owners == index].mean() for index in owned]).mean()
    assert line.startswith("step 25  minutes 1.5  ")
    found = re.search(rf"{group}/{kind} (\d+\.\d+)", line)
    assert found and float(found[1]) == pytest.approx(float(by_hand), abs=1e-4)
    assert tally.line(26, 91.0, kinds=True) == "step 26  minutes 1.5  "


def test_groups_are_means_of_their_kinds(untrained, packed):
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    tally = Tally()
    tally.add(packed.batch, losses_of(untrained.model, heads, packed.batch))
    line = tally.line(1, 0.0, kinds=False)
    assert re.search(r"  picture \d", line) and "/" not in line and "accuracy" in line
