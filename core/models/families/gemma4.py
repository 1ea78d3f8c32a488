"""Gemma 4: pictures of any shape, fitted into a fixed number of tokens, each pooled of 3 x 3 patches."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BatchFeature, Gemma4ForConditionalGeneration, Gemma4Processor
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Decoding, Family, head, token_logits
from core.models.families.processors import load_components
from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.pixel_layout import POOLED, POOLED_PATCHES
from core.models.resizing import soft_tokens
from core.models.token_layout import TokenLayout


class Gemma4ImageTextProcessor(Gemma4Processor):
    """Gemma 4's processor without its parts for sound and videos."""

    def __init__(
        self, image_processor=None, tokenizer=None, chat_template=None, image_seq_length: int = 280, **_: Any
    ) -> None:
        self.image_seq_length = image_seq_length
        self.image_token, self.image_token_id = tokenizer.image_token, tokenizer.image_token_id
        self.boi_token, self.eoi_token = tokenizer.boi_token, tokenizer.eoi_token
        # Nothing but pictures is looked for in a prompt.
        self.video_token = self.audio_token = self.boa_token = self.eoa_token = None
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    def validate_inputs(self, *args: Any, **options: Any) -> None:
        # The parent's own wants tokens for sound.
        ProcessorMixin.validate_inputs(self, *args, **options)

    def _check_special_mm_tokens(self, text: list[str], text_inputs: BatchFeature, modalities: list[str]) -> None:
        # The parent's own counts those that are plain text in the prompt, too; `core.inputs.prompt` counts for itself.
        pass


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_components(folder)
    if image_processor.pooling_kernel_size != POOLED:
        raise ValueError(f"its image processor pools {image_processor.pooling_kernel_size} patches, not {POOLED}.")
    return Gemma4ImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _patch_grids(inputs: VisionInputs) -> list[tuple[int, int]]:
    """(rows, columns) of each picture's patches; empty ones stand at -1."""
    last = inputs.vision["image_position_ids"].amax(1) + 1
    return [(rows, columns) for columns, rows in last.tolist()]


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    return tuple(TokenLayout.single(rows // POOLED, columns // POOLED) for rows, columns in _patch_grids(inputs))


def _tower_layouts(inputs: VisionInputs, _: Sequence[TokenLayout]) -> tuple[TokenLayout, ...]:
    return tuple(TokenLayout.single(*grid) for grid in _patch_grids(inputs))


def _patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    pictures = hidden.unflatten(0, (-1, len(layouts))).unbind(1)
    return torch.cat([own[:, : layout.tokens] for own, layout in zip(pictures, layouts, strict=True)], dim=1)


def _budget(processor: Any, pixels: int) -> dict[str, Any]:
    own = processor.image_processor
    return {"max_soft_tokens": soft_tokens(own.max_soft_tokens, own.patch_size * POOLED, pixels)}


def _encode_image(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    positions = vision["image_position_ids"].repeat(len(pixels), 1, 1)
    features = model.model.get_image_features(pixels.flatten(0, 1), positions).pooler_output
    return torch.cat(list(features)).unflatten(0, (len(pixels), -1))


def _decode(model: nn.Module, decoding: Decoding) -> Tensor:
    inner, batch, each_layer = model.model, len(decoding.embeddings), None
    if inner.language_model.hidden_size_per_layer_input:
        # Every layer is given an embedding of its own of each token; a picture's have that of padding.
        ids = decoding.ids.masked_fill(decoding.types == 1, inner.config.text_config.pad_token_id)
        each_layer = inner.language_model.get_per_layer_inputs(ids, None).expand(batch, -1, -1, -1)
    hidden = inner(
        inputs_embeds=decoding.embeddings,
        per_layer_inputs=each_layer,
        # These tell which positions larger models see both ways.
        mm_token_type_ids=decoding.types.expand(batch, -1),
        position_ids=decoding.position_ids,
        use_cache=False,
    )[0]
    return decoding.wanted(hidden)


def _head(model: nn.Module, states: Tensor) -> Tensor:
    return _capped(model, head(model, states))


def _token_logits(model: nn.Module, hidden: Tensor, ids: Tensor) -> Tensor:
    return _capped(model, token_logits(model, hidden, ids))


def _capped(model: nn.Module, logits: Tensor) -> Tensor:
    most = model.config.get_text_config().final_logit_softcapping
    return logits if most is None else torch.tanh(logits / most) * most


GEMMA4 = Family(
    title="Gemma 4",
    model_class=Gemma4ForConditionalGeneration,
    picture_text="<|image|>",
    load_processor=_load_processor,
    pixel_layout=POOLED_PATCHES,
    layouts=_layouts,
    encode_image=_encode_image,
    types_name="mm_token_type_ids",
    budget=_budget,
    shared_layers=lambda model: model.model.language_model.config.num_kv_shared_layers,
    attention_norm=lambda layer: layer.pre_feedforward_layernorm,
    tower_layouts=_tower_layouts,
    patches=_patches,
    decode=_decode,
    head=_head,
    token_logits=_token_logits,
)
