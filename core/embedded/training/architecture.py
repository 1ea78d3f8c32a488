"""The untrained model: the real Qwen2.5-VL classes, narrowed to two million parameters."""

from pathlib import Path

import torch
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerBase,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
)

from core.embedded.training.tokenizer import build_image_processor

TOKENS_PER_SECOND = 2
"""Temporal positions of a second, as in the published checkpoints; the library's default is 4."""

_TEXT = {
    "hidden_size": 128,
    "num_hidden_layers": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 256,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": True,
    # With heads this narrow, a theta of 1e4 or more would barely turn over a grid of twelve tokens.
    "rope_parameters": {"rope_type": "default", "rope_theta": 10.0, "mrope_section": [2, 7, 7]},
}
_VISION = {
    "hidden_size": 96,
    "depth": 4,
    "num_heads": 3,
    "intermediate_size": 192,
    "out_hidden_size": 128,
    "fullatt_block_indexes": [1, 3],
    "window_size": 112,
    "patch_size": 14,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "tokens_per_second": TOKENS_PER_SECOND,
}
_GAIN, _OUTPUT_GAIN = 0.8, 0.35
_OUTPUTS = ("o_proj.weight", "down_proj.weight", "attn.proj.weight")


def build_model(tokenizer: PreTrainedTokenizerBase, seed: int) -> Qwen2_5_VLForConditionalGeneration:
    """Make a model with random weights that fits a tokenizer.

    Matrices start with a standard deviation of 0.8 / sqrt(fan-in), those that write into the residual
    stream with 0.35 of that.
    """
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in tokenizer.all_special_tokens}
    special = {"bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"]}
    special["pad_token_id"] = ids["<|endoftext|>"]
    config = Qwen2_5_VLConfig(
        text_config={**_TEXT, **special, "vocab_size": len(tokenizer)},
        vision_config=_VISION,
        tie_word_embeddings=True,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    model = Qwen2_5_VLForConditionalGeneration(config)
    model.generation_config = GenerationConfig(do_sample=False, max_new_tokens=96, **special)

    generator = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim < 2:
            continue
        gain = _GAIN * (_OUTPUT_GAIN if name.endswith(_OUTPUTS) else 1.0)
        fan_in = weight[0].numel()
        torch.nn.init.normal_(weight, std=gain * fan_in**-0.5, generator=generator)
    return model


def save_checkpoint(
    model: Qwen2_5_VLForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, folder: Path
) -> None:
    """Write model, tokenizer, chat template and image processor as a hub-style folder."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    build_image_processor().save_pretrained(folder)
