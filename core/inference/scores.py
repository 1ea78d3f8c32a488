"""Logits of the said tokens -> one number per noise sample, whose gradient is taken."""

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.errors import InputError
from core.inputs.token_text import ids_within
from core.schema import Answer
from core.schema.target import RIVALS, Target, quoted


def score(logits: Tensor, said: Tensor, target: Target, rival: int | None = None) -> Tensor:
    """The target's score, summed over its tokens.

    With l the logits at a token and y the said one:
        logit     l_y
        logprob   l_y - log sum_v exp l_v
        margin    l_y - max_{v != y} l_v
        rivals    l_y - mean of the 5 largest l_v with v != y
        contrast  l_y - l_rival

    All of it is differentiated, the rivals' logits too. Which tokens are the rivals is found anew in
    each sample. Differences, and sums over the vocabulary, are taken in float32.

    Args:
        logits: float [samples, tokens, vocabulary], at the target's tokens alone.
        said: int64 [tokens], their vocabulary ids.
        rival: of a contrast: the id that `rival_id` gives.

    Returns:
        float32 [samples].
    """
    index = said.expand(logits.shape[:-1])[..., None]
    own = logits.gather(-1, index).squeeze(-1).float()
    if target.kind == "contrast":
        if rival is None:
            raise ValueError("a contrast needs the id of its rival")
        own = own - logits[..., rival].float()
    elif target.score == "logprob":
        own = own - logits.float().logsumexp(-1)
    elif target.score == "margin":
        own = own - _strongest_others(logits, index, 1)
    elif target.score == "rivals":
        own = own - _strongest_others(logits, index, RIVALS)
    return own.sum(-1)


def rival_id(tokenizer: PreTrainedTokenizerBase, target: Target, answer: Answer) -> int:
    """The vocabulary id of the first token of a contrast's `instead`, in place of the said token.

    It is written as the said token is: with a space before it where that one has one. Special tokens in
    it are plain text.

    Raises:
        InputError: the answer has no such token, or it is the very token that was said.
    """
    said = answer.tokens[target.indices(answer)[0]]
    space = " " if said.text.startswith(" ") else ""
    ids = ids_within(tokenizer, space + target.instead)
    if ids[0] == said.id:
        raise InputError(
            f"The model said just that: {quoted(target.instead)} begins with token {target.position} of the answer, "
            f"{said.text!r}. Contrast it with text that begins otherwise, or choose another token."
        )
    return ids[0]


def _strongest_others(logits: Tensor, index: Tensor, count: int) -> Tensor:
    """Mean of the `count` largest logits but the said token's, float32 [samples, tokens].

    Fewer where the vocabulary has fewer. `index` is [samples, tokens, 1], the said tokens. Only the
    largest are copied to float32: a vocabulary has 150,000 tokens.
    """
    best = logits.topk(min(count + 1, logits.shape[-1]), dim=-1)
    other = best.indices != index
    # If the said token is not among the largest, there is one too many: the last.
    counted = other & (other.cumsum(-1) <= count)
    return torch.where(counted, best.values.float(), 0.0).sum(-1) / counted.sum(-1)
