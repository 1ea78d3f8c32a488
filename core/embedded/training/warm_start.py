"""Start from a trained checkpoint whose vocabulary is a smaller one.

Every weight is taken over by its name, and the embedding of a token by its text. A new word begins as the mean of the
pieces that the old tokenizer made of it, which is what the model read and wrote in its place.
"""

from pathlib import Path

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Qwen2_5_VLForConditionalGeneration

from core.embedded import CHECKPOINT


@torch.no_grad()
def take_over(
    model: Qwen2_5_VLForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, folder: Path = CHECKPOINT
) -> int:
    """Give a model the weights of the checkpoint in a folder.

    Returns:
        How many tokens are new.
    """
    old = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder)
    old_tokenizer = AutoTokenizer.from_pretrained(folder)
    weights = {name: value for name, value in old.state_dict().items() if name not in _BY_TOKEN}
    missing, unknown = model.load_state_dict(weights, strict=False)
    if unknown or set(missing) - _BY_TOKEN:
        raise ValueError(f"the checkpoint in {folder} has another architecture")
    rows, source = model.get_input_embeddings().weight, old.get_input_embeddings().weight
    known, new = old_tokenizer.get_vocab(), 0
    for token, index in tokenizer.get_vocab().items():
        if token in known:
            rows[index] = source[known[token]]
            continue
        new += 1
        pieces = old_tokenizer(tokenizer.decode([index]), add_special_tokens=False)["input_ids"]
        rows[index] = source[pieces].mean(0)
    return new


_BY_TOKEN = {"model.language_model.embed_tokens.weight", "lm_head.weight"}
"""Weights with a row for each token; here both are the same one."""
