"""Tokens of an answer drawn by chance: the softmax at a temperature, of the nucleus that top-p leaves."""

import torch
from torch import Tensor
from transformers import LogitsProcessor

from core.inference.smoothgrad import generator_of
from core.schema.drawn_answers import TokenSampling


class DrawnTokens(LogitsProcessor):
    """Leaves of each step's logits those of the token alone that is drawn there.

    What else changes the logits (a checkpoint's repetition penalty) has done so before. A step's number is drawn on the
    CPU from the seed and the step's count alone: the same seed gives the same answer on every device, as far as the
    device's logits are the same.
    """

    def __init__(self, sampling: TokenSampling) -> None:
        self._how, self._step = sampling, 0

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The logits [rows, vocabulary], at minus infinity but for the drawn token of each row."""
        chosen = draw(scores, self._how, chance(self._how.seed, self._step)).to(scores.device)
        self._step += 1
        return torch.full_like(scores, float("-inf")).scatter(1, chosen[:, None], 0.0)


def chance(seed: int, step: int) -> float:
    """The number from 0 to below 1 by which a step's token is drawn."""
    return float(torch.rand((), dtype=torch.float64, generator=generator_of(seed, step)))


def draw(logits: Tensor, sampling: TokenSampling, number: float) -> Tensor:
    """The tokens at which the probabilities, summed up from the likeliest token on, pass `number`.

    With logits l and temperature T, probabilities are softmax(l / T) in float32. Top-p keeps the fewest of the
    likeliest tokens whose sum is at least p, and draws from them in proportion (Holtzman et al. 2020,
    arXiv:1904.09751). Equal tokens stand in the vocabulary's order.

    Args:
        logits: float [rows, vocabulary].
        number: 0 to below 1; the same for all rows.

    Returns:
        int64 [rows], on the CPU.
    """
    logits = logits.float()
    # The largest is taken off first: else a low temperature makes infinities of them.
    probabilities = ((logits - logits.amax(-1, keepdim=True)) / sampling.temperature).softmax(-1)
    best = probabilities.sort(dim=-1, descending=True, stable=True)
    values, ids = best.values.cpu().double(), best.indices.cpu()  # not every device has float64
    sums = values.cumsum(-1)
    kept = (sums - values < sampling.top_p) if sampling.top_p < 1 else values > 0
    totals = torch.where(kept, values, 0.0).sum(-1, keepdim=True)
    position = (sums <= number * totals).sum(-1, keepdim=True)
    # Sums are rounded, and the last one may not reach the total; of logits that are not numbers, none is kept.
    last = (kept.sum(-1, keepdim=True) - 1).clamp(min=0)
    return ids.gather(-1, torch.minimum(position, last)).squeeze(-1)
