"""Qwen2.5-VL, Qwen2-VL, Qwen3-VL, also of experts: pictures and videos, a token for 2 x 2 patches, M-RoPE."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLForConditionalGeneration,
    Qwen2VLProcessor,
    Qwen3_5ForConditionalGeneration,
    Qwen3_5MoeForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
    Qwen3VLMoeForConditionalGeneration,
    Qwen3VLProcessor,
)
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Decoding, Family
from core.models.families.processors import load_components
from core.models.families.qwen_vision_tower import (
    grid_layouts,
    grids_of,
    merged_patches,
    patch_layouts,
    tower_blocks,
    windowed_patches,
)
from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.pixel_layout import PATCHES
from core.models.token_layout import TokenLayout
from core.models.video_size import QWEN2, QWEN3, video_settings


class _WithoutVideo:
    """A Qwen processor without its video part, which cannot be loaded without torchvision.

    `core.inputs.videos.message` puts a video that is prepared already into the place of that part.
    """

    video_settings: dict[str, Any]

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **_: Any) -> None:
        self.image_token = "<|image_pad|>"
        self.video_token = "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        self.vision_start_token, self.vision_end_token = "<|vision_start|>", "<|vision_end|>"
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


class ImageTextProcessor(_WithoutVideo, Qwen2_5_VLProcessor):
    """Qwen2.5-VL's."""


class Qwen2ImageTextProcessor(_WithoutVideo, Qwen2VLProcessor):
    """Qwen2-VL's."""


class Qwen3ImageTextProcessor(_WithoutVideo, Qwen3VLProcessor):
    """Qwen3-VL's."""

    def get_text_with_replacements(self, text: list[str], *replacements: Any) -> Any:
        """As transformers' own, and as the published one: each step of a video has a beginning and an end of its own,
        in the place of the video's, which transformers 5.24 leaves around them."""
        whole = f"{self.vision_start_token}{self.video_token}{self.vision_end_token}"
        return super().get_text_with_replacements(
            [each.replace(whole, self.video_token) for each in text], *replacements
        )


def _loader(kind: type):
    def load(folder: str) -> ProcessorMixin:
        image_processor, tokenizer, template, _ = load_components(folder)
        processor = kind(image_processor, tokenizer, chat_template=template)
        processor.video_settings = video_settings(Path(folder))
        return processor

    return load


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    return grid_layouts(inputs.vision, inputs.processor.image_processor.merge_size)


def _budget(processor: Any, pixels: int) -> dict[str, Any]:
    smallest = min(processor.image_processor.size["shortest_edge"], pixels)
    return {"size": {"shortest_edge": smallest, "longest_edge": pixels}}


def _seen(model: nn.Module, pixels: Tensor, vision: Vision) -> Any:
    """What the vision tower makes of a batch of pictures, or of videos, which it sees alike."""
    grid = grids_of(vision).repeat(len(pixels), 1)
    with _patches_by_matrix(model.model.visual.patch_embed):
        return model.model.get_image_features(pixels.flatten(0, 1), grid)


def encode_image(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    """See `core.models.families.base.Family.encode_image`."""
    return torch.cat(_seen(model, pixels, vision).pooler_output).unflatten(0, (len(pixels), -1))


def _encode_deeply(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    seen = _seen(model, pixels, vision)
    levels = [torch.cat(level) for level in (seen.pooler_output, *seen.deepstack_features)]
    return torch.cat(levels, dim=-1).unflatten(0, (len(pixels), -1))


def _decode_deeply(model: nn.Module, decoding: Decoding) -> Tensor:
    # Beside the embeddings, the first layers' outputs get features added at the picture's tokens, too.
    batch, length, width = decoding.embeddings.shape
    _, *deeper = decoding.features.split(width, dim=-1)
    at = torch.zeros(batch, length, dtype=torch.bool, device=decoding.embeddings.device)
    at[:, decoding.placeholders] = True
    hidden = model.model.language_model(
        inputs_embeds=decoding.embeddings,
        position_ids=decoding.position_ids,
        use_cache=False,
        visual_pos_masks=at,
        deepstack_visual_embeds=[level.flatten(0, 1) for level in deeper],
    )[0]
    return decoding.wanted(hidden)


@contextmanager
def _patches_by_matrix(embed: nn.Module) -> Iterator[None]:
    """Inside, patches are embedded by a matrix product, which a convolution whose kernel is the patch amounts to.

    On a CPU the convolution's backward pass takes as long as all the rest of the model's.
    """
    projection = embed.proj
    # Somebody else's wrapper, which moves weights between devices, say, or an adapter in the convolution's place.
    if any("forward" in vars(each) for each in (embed, projection)) or type(projection) is not nn.Conv3d:
        yield
        return
    embed.forward = lambda patches: functional.linear(
        patches.to(projection.weight.dtype), projection.weight.flatten(1), projection.bias
    )
    try:
        yield
    finally:
        del embed.forward


def _positions(model: nn.Module, ids: Tensor, types: Tensor, vision: Vision) -> Tensor:
    return model.model.get_rope_index(ids, mm_token_type_ids=types, **vision)[0]


def _rope_deltas(model: nn.Module) -> Any:
    return model.model.rope_deltas


def _set_rope_deltas(model: nn.Module, state: Any) -> None:
    model.model.rope_deltas = state


LIKE_QWEN = {
    "picture_text": "<|vision_start|><|image_pad|><|vision_end|>",
    "pixel_layout": PATCHES,
    "layouts": _layouts,
    "types_name": "mm_token_type_ids",
    "budget": _budget,
    "tower_blocks": tower_blocks,
    "tower_layouts": patch_layouts,
    "patches": merged_patches,
    "positions": _positions,
    "remember_positions": _rope_deltas,
    "restore_positions": _set_rope_deltas,
}
"""Fields of the families that read pictures as Qwen2-VL does, GLM's among them."""


def _attending(model: nn.Module) -> list[int]:
    """The others mix tokens by a gated delta rule, a recurrence."""
    kinds = model.model.language_model.config.layer_types
    return [layer for layer, kind in enumerate(kinds) if kind == "full_attention"]


QWEN2_5_VL = Family(
    title="Qwen2.5-VL",
    model_class=Qwen2_5_VLForConditionalGeneration,
    load_processor=_loader(ImageTextProcessor),
    encode_image=encode_image,
    video=QWEN2,
    **LIKE_QWEN | {"patches": windowed_patches},
)
QWEN2_VL = Family(
    title="Qwen2-VL",
    model_class=Qwen2VLForConditionalGeneration,
    load_processor=_loader(Qwen2ImageTextProcessor),
    encode_image=encode_image,
    video=QWEN2,
    **LIKE_QWEN,
)
QWEN3_VL = Family(
    title="Qwen3-VL",
    model_class=Qwen3VLForConditionalGeneration,
    load_processor=_loader(Qwen3ImageTextProcessor),
    encode_image=_encode_deeply,
    decode=_decode_deeply,
    video=QWEN3,
    **LIKE_QWEN,
)
QWEN3_VL_MOE = Family(
    title="Qwen3-VL-MoE",
    model_class=Qwen3VLMoeForConditionalGeneration,
    load_processor=_loader(Qwen3ImageTextProcessor),
    encode_image=_encode_deeply,
    decode=_decode_deeply,
    video=QWEN3,
    **LIKE_QWEN,
)
QWEN3_5 = Family(
    title="Qwen3.5",
    model_class=Qwen3_5ForConditionalGeneration,
    load_processor=_loader(Qwen3ImageTextProcessor),
    encode_image=encode_image,
    attending=_attending,
    video=QWEN3,
    **LIKE_QWEN,
)
QWEN3_5_MOE = Family(
    title="Qwen3.5-MoE",
    model_class=Qwen3_5MoeForConditionalGeneration,
    load_processor=_loader(Qwen3ImageTextProcessor),
    encode_image=encode_image,
    attending=_attending,
    video=QWEN3,
    **LIKE_QWEN,
)
