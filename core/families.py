"""Model families: the only module that names what lies inside a model.

A family says how to load a checkpoint and how to reach the parts that the engine needs. Adding one
means adding an entry to `FAMILIES` (and its type to `core.checkpoints.SUPPORTED`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    AutoTokenizer,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.processing_utils import ProcessorMixin


@dataclass(frozen=True)
class Family:
    """How to handle one kind of vision-language model.

    Attributes:
        model_class: the transformers class.
        load_processor: folder -> processor, with no need of torchvision.
        decoder_layers: model -> its decoder layers, first to last.
        attention_norm: decoder layer -> the norm that follows its attention.
        decoder_config: model -> the configuration that the decoder's attention reads.
        encode_image: (model, pixel values, image_grid_thw) -> [images * visual tokens, width].
        embed_tokens: (model, ids) -> embeddings.
        token_logits: (model, hidden states that leave the last layer, ids) -> [..., ids], the output
            head's logits of some tokens there.
        positions: (model, ids, token types, image_grid_thw) -> position ids as `forward` takes them.
        remember_positions: (model) -> the state that generating leaves on the model.
        restore_positions: (model, state) -> puts it back.
    """

    model_class: type
    load_processor: Callable[[str], ProcessorMixin]
    decoder_layers: Callable[[nn.Module], nn.ModuleList]
    attention_norm: Callable[[nn.Module], nn.Module]
    decoder_config: Callable[[nn.Module], Any]
    encode_image: Callable[[nn.Module, Tensor, Tensor], Tensor]
    embed_tokens: Callable[[nn.Module, Tensor], Tensor]
    token_logits: Callable[[nn.Module, Tensor, Tensor], Tensor]
    positions: Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]
    remember_positions: Callable[[nn.Module], Any]
    restore_positions: Callable[[nn.Module, Any], None]


class ImageTextProcessor(Qwen2_5_VLProcessor):
    """Qwen2.5-VL's processor without its video part, which cannot be loaded without torchvision."""

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **_: Any) -> None:
        self.image_token = "<|image_pad|>"
        self.video_token = "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


def _load_qwen_processor(folder: str) -> ImageTextProcessor:
    # Put together from parts: the PIL image processor everywhere, whether torchvision is there or
    # not, so that the same picture gives the same numbers on every machine.
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    image_processor = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return ImageTextProcessor(image_processor, tokenizer, chat_template=_chat_template(folder, tokenizer))


def _chat_template(folder: str, tokenizer: Any) -> str | None:
    # Older folders keep the template in chat_template.json, newer ones in chat_template.jinja.
    template = ProcessorMixin.get_processor_dict(folder, local_files_only=True)[0].get("chat_template")
    return template or tokenizer.chat_template


def _qwen_encode_image(model: nn.Module, pixels: Tensor, grid: Tensor) -> Tensor:
    with _patches_by_matrix(model.model.visual.patch_embed):
        return torch.cat(model.model.get_image_features(pixels, grid).pooler_output)


@contextmanager
def _patches_by_matrix(embed: nn.Module) -> Iterator[None]:
    """Inside, patches are embedded by a matrix product, which a convolution whose kernel is the patch amounts to.

    On a CPU the convolution's backward pass takes as long as all the rest of the model's.
    """
    if "forward" in vars(embed):  # somebody else's wrapper, which moves weights between devices, say
        yield
        return
    projection = embed.proj
    embed.forward = lambda patches: functional.linear(
        patches.to(projection.weight.dtype), projection.weight.flatten(1), projection.bias
    )
    try:
        yield
    finally:
        del embed.forward


def _qwen_positions(model: nn.Module, ids: Tensor, types: Tensor, grid: Tensor) -> Tensor:
    return model.model.get_rope_index(ids, mm_token_type_ids=types, image_grid_thw=grid)[0]


def _qwen_token_logits(model: nn.Module, hidden: Tensor, ids: Tensor) -> Tensor:
    return model.model.language_model.norm(hidden) @ model.lm_head.weight[ids].T


def _set_rope_deltas(model: nn.Module, state: Any) -> None:
    model.model.rope_deltas = state


QWEN2_5_VL = Family(
    model_class=Qwen2_5_VLForConditionalGeneration,
    load_processor=_load_qwen_processor,
    decoder_layers=lambda model: model.model.language_model.layers,
    attention_norm=lambda layer: layer.post_attention_layernorm,
    decoder_config=lambda model: model.model.language_model.config,
    encode_image=_qwen_encode_image,
    embed_tokens=lambda model, ids: model.get_input_embeddings()(ids),
    token_logits=_qwen_token_logits,
    positions=_qwen_positions,
    remember_positions=lambda model: model.model.rope_deltas,
    restore_positions=_set_rope_deltas,
)

FAMILIES: dict[str, Family] = {"qwen2_5_vl": QWEN2_5_VL}


def family_of(model: nn.Module) -> Family | None:
    """The family of a model that is already loaded, or None."""
    return FAMILIES.get(getattr(getattr(model, "config", None), "model_type", ""))
