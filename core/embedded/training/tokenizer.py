"""Build the tokenizer, chat template and image processor of the embedded checkpoint.

A byte-level BPE as in Qwen2.5 whose merges are learned from the words of the scenes: each of them
becomes one token, and any other text of any language is still spelled out byte by byte.
"""

import json
import re

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer, Qwen2VLImageProcessorPil

from core.scenes import clip_wording, sentences, wording
from core.scenes.drawing import COLORS, SHAPES, TOKEN_SIDE

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
"""Special tokens of Qwen2.5-VL; here they have the first ids, in this order."""

CHAT_TEMPLATE = """\
{%- macro write(content) -%}
  {%- if content is string -%}
    {{- content -}}
  {%- else -%}
    {%- for part in content -%}
      {%- if part.type == 'image' or 'image' in part or 'image_url' in part -%}
        {{- '<|vision_start|><|image_pad|><|vision_end|>' -}}
      {%- elif part.type == 'video' or 'video' in part -%}
        {{- '<|vision_start|><|video_pad|><|vision_end|>' -}}
      {%- elif 'text' in part -%}
        {{- part.text -}}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
{%- if messages[0].role != 'system' -%}
  {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
  {{- '<|im_start|>' + message.role + '\\n' + write(message.content) + '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
"""
"""Turns as Qwen2.5-VL frames them, with its default system prompt; pictures stand where the user put them."""

MIN_TOKENS, MAX_TOKENS = 36, 108
"""Visual tokens into which any picture is resized."""

_FRAME = "system You are a helpful assistant user assistant In the in the is a an There is nothing in this image"
_ANSWERS = ("yes", "no", "none", "nothing", "nowhere", *wording.NUMBERS)
# Without spaces between words, whole clauses would become tokens: the words are therefore listed.
_CHINESE = (
    "在哪里 在 图中 的 什么 位置 请问 没有 什么都没有 请 详细 描述 这张 图片 中 主要 内容 有 有一个 你 看到 了 ， 。 ？"
)
_CLIP_CHINESE = (
    "什么时候 出现 消失 移动 到 吗 是 的 先 哪个 和 还是 一开始 中途 最后 都没有 视频 视频中 这段 发生 "
    "我 只 认识 画出来的 彩色 图形"
)
_CHARACTER_WEIGHT = 100


def build_tokenizer() -> Qwen2Tokenizer:
    """Train the tokenizer on the words of scenes and clips, and the honest sentence; always with the same result."""
    known = (*wording.COLORS_ZH, *wording.SHAPES_ZH, *wording.CELL_NAMES_ZH)
    chinese = [*_CHINESE.split(), *known, *_CLIP_CHINESE.split()]
    # Bytes must join into characters first, or they would merge across the border of two characters.
    characters = sorted({character for word in chinese for character in word})
    words = chinese + characters * _CHARACTER_WEIGHT
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    pieces = [to_bytes.pre_tokenize_str(word)[0][0] for word in words]

    split = Qwen2Tokenizer().backend_tokenizer.pre_tokenizer
    for text in _english_texts():
        pieces += [piece for piece, _ in split.pre_tokenize_str(text)]

    bpe = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=4096,  # never reached: training ends when every word is one token
        min_frequency=1,
        show_progress=False,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    bpe.train_from_iterator(sorted(pieces), trainer)
    trained = json.loads(bpe.to_str())["model"]
    return Qwen2Tokenizer(
        vocab=trained["vocab"],
        merges=[tuple(merge) for merge in trained["merges"]],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        unk_token="<|endoftext|>",
        additional_special_tokens=list(SPECIAL_TOKENS[1:]),
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )


def _english_texts() -> list[str]:
    """Every English word of the scenes and clips, those that may open a text also without a space before them."""
    words = " ".join((*COLORS, *SHAPES, *wording.PLURALS, "object objects", *wording.CELL_NAMES)).split()
    templates = [
        template.replace("{}", "")
        for kind, group in (*wording.TEMPLATES.items(), *clip_wording.CLIP_TEMPLATES.items())
        if not kind.endswith("_zh")
        for template in group
    ]
    language = clip_wording.ENGLISH
    said = (language.appearing, language.vanishing, language.moving, language.moves, language.nothing)
    of_clips = " ".join((*language.moments, *said, language.never_appears, sentences.HONEST)).split()
    openers = [*words, *_ANSWERS, *_FRAME.split(), *of_clips]
    texts = [*openers, *(f" {opener}" for opener in openers), *templates]
    # Marks stand alone, so that the same mark is the same token after any word.
    return [piece for text in texts for piece in re.findall(r" ?[A-Za-z]+", text)]


def build_image_processor() -> Qwen2VLImageProcessorPil:
    """The image processor of Qwen2.5-VL with a small budget of visual tokens."""
    budget = {"shortest_edge": MIN_TOKENS * TOKEN_SIDE**2, "longest_edge": MAX_TOKENS * TOKEN_SIDE**2}
    return Qwen2VLImageProcessorPil(size=budget, patch_size=14, temporal_patch_size=2, merge_size=2)
