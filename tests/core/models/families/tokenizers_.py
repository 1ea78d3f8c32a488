"""Small tokenizers of the real classes, with the special tokens of published checkpoints."""

import json
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, GemmaTokenizer, LlamaTokenizer, PreTrainedTokenizerBase

from core.scenes.wording import TEMPLATES

_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
_MERGES = 250
_WORDS = Path(__file__).with_name("words")
"""The tokenizer of the first embedded checkpoint: these models stay as they are where that learns new words."""


def qwen() -> PreTrainedTokenizerBase:
    """A byte-level one, with Qwen2-VL's special tokens."""
    return AutoTokenizer.from_pretrained(_WORDS)


def thinking() -> PreTrainedTokenizerBase:
    """Qwen3.5's: a thought begins and ends with tokens that are no special ones."""
    tokenizer = qwen()
    tokenizer.add_tokens(["<think>", "</think>"])
    return tokenizer


def glm() -> PreTrainedTokenizerBase:
    """GLM-4's: turns begin with tokens, and none ends them."""
    tokenizer = qwen()
    turns = ["[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>", "<|begin_of_image|>", "<|end_of_image|>"]
    seen = ["<|image|>", "<|video|>", "<|begin_of_video|>", "<|end_of_video|>"]
    tokenizer.add_tokens([*turns, *seen], special_tokens=True)
    tokenizer.add_tokens(["<think>", "</think>"])
    tokenizer.eos_token = tokenizer.pad_token = "<|endoftext|>"
    return tokenizer


def onevision() -> PreTrainedTokenizerBase:
    """Qwen2's, with tokens for a picture and a video."""
    tokenizer = qwen()
    tokenizer.add_tokens(["<image>", "<video>"], special_tokens=True)
    return tokenizer


def internvl() -> PreTrainedTokenizerBase:
    """Qwen2's, with tokens that have names of their own."""
    named = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = qwen()
    tokenizer.add_tokens(list(named.values()), special_tokens=True)
    return _again(tokenizer, extra_special_tokens=named)


def smolvlm() -> PreTrainedTokenizerBase:
    """A byte-level one, with tokens that say which tile of a picture follows."""
    tokenizer = qwen()
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    tokenizer.add_tokens(
        ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>", *tiles], special_tokens=True
    )
    tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token = "<|im_start|>", "<end_of_utterance>", "<|im_end|>"
    return tokenizer


def llava() -> PreTrainedTokenizerBase:
    """Llama's, which writes a first token of its own before any text."""
    vocab, merges = _sentence_pieces(("<unk>", "<s>", "</s>"))
    tokenizer = LlamaTokenizer(vocab=vocab, merges=merges, add_bos_token=True)
    tokenizer.add_tokens(["<image>", "<pad>"], special_tokens=True)
    tokenizer.pad_token = "<pad>"
    return tokenizer


def gemma() -> PreTrainedTokenizerBase:
    """Gemma's; the token that stands for a feature comes last."""
    specials = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>")
    vocab, merges = _sentence_pieces(specials)
    named = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    tokenizer = GemmaTokenizer(vocab=vocab, merges=merges, add_bos_token=True)
    tokenizer.add_tokens([*specials[5:], *named.values()], special_tokens=True)
    return _again(tokenizer, extra_special_tokens=named)


def gemma4() -> PreTrainedTokenizerBase:
    """Gemma 4's, with names of its own for turns and pictures."""
    specials = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|turn>", "<turn|>")
    vocab, merges = _sentence_pieces(specials)
    named = {"boi_token": "<|image>", "eoi_token": "<image|>", "image_token": "<|image|>"}
    tokenizer = GemmaTokenizer(vocab=vocab, merges=merges, add_bos_token=True)
    tokenizer.add_tokens([*specials[5:], *named.values(), "<|video|>", "<|audio|>"], special_tokens=True)
    return _again(tokenizer, extra_special_tokens=named)


def _again(tokenizer: PreTrainedTokenizerBase, **settings) -> PreTrainedTokenizerBase:
    """The same one with other settings."""
    specials = {name: getattr(tokenizer, name) for name in ("bos_token", "eos_token", "pad_token", "unk_token")}
    return type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, **specials, **settings)


@cache
def _sentence_pieces(specials: tuple[str, ...]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """(vocabulary, merges) of a byte-pair encoding with bytes to fall back on."""
    bpe = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    bpe.normalizer = normalizers.Replace(" ", "▁")
    bpe.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    bpe.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    special = [*specials, *_BYTES]
    trainer = trainers.BpeTrainer(
        vocab_size=len(special) + _MERGES + 80, special_tokens=special, show_progress=False, min_frequency=1
    )
    lines = [line.replace("{}", "red square") for group in TEMPLATES.values() for line in group]
    bpe.train_from_iterator(sorted(lines), trainer)
    model = json.loads(bpe.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]
