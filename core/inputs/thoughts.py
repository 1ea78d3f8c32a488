"""Where a model thinks aloud: whether a prompt begins its thought, and how many tokens of an answer are one."""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.schema.answer import THOUGHT_BEGINS, THOUGHT_ENDS

_TAIL = 8
"""Tokens at a prompt's end that are looked at; a mark may be several."""


def begins_thought(tokenizer: PreTrainedTokenizerBase, ids: Tensor) -> bool:
    """Whether a prompt, int64 [prompt], ends with the beginning of a thought."""
    return tokenizer.decode(ids[-_TAIL:].tolist()).rstrip().endswith(THOUGHT_BEGINS)


def without_thought(tokenizer: PreTrainedTokenizerBase, ids: Tensor) -> Tensor:
    """The prompt with the thought that it begins ended at once, so that an answer follows."""
    if not begins_thought(tokenizer, ids):
        return ids
    ended = tokenizer(f"\n{THOUGHT_ENDS}\n\n", add_special_tokens=False)["input_ids"]
    return torch.cat([ids, torch.tensor(ended)])


def thought_length(tokens: Sequence[str], begun: bool = False) -> int:
    """How many of an answer's tokens are thought; see `core.schema.Answer`.

    Args:
        tokens: as they read, one after the other.
        begun: whether the prompt has begun the thought.
    """
    text = "".join(tokens)
    end = text.find(THOUGHT_ENDS)
    if end < 0:
        return len(tokens) if begun or text.lstrip().startswith(THOUGHT_BEGINS) else 0
    end += len(THOUGHT_ENDS)
    stops = list(accumulate(map(len, tokens)))
    last = next(index for index, stop in enumerate(stops) if stop >= end)
    following = next((i for i in range(last + 1, len(tokens)) if tokens[i].strip()), len(tokens))
    return following
