"""Gemma 3: every picture stretched to one square, a fixed number of tokens, seen both ways by the decoder."""

from typing import Any

from torch import Tensor, nn
from transformers import Gemma3ForConditionalGeneration, Gemma3Processor
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Decoding, Family
from core.models.families.processors import load_components, name_tokens
from core.models.families.vision_inputs import VisionInputs
from core.models.pixel_layout import IMAGES
from core.models.token_layout import TokenLayout

_TOKENS = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
"""Names of the tokenizer's, and the tokens that bear them in published folders."""


class Gemma3ImageTextProcessor(Gemma3Processor):
    """Gemma 3's processor, for prompts that may speak of its tokens."""

    def _check_special_mm_tokens(self, *_: Any, **__: Any) -> None:
        # The parent's own counts those that are plain text in the prompt, too; `core.inputs.prompt` counts for itself.
        pass


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_components(folder)
    name_tokens(tokenizer, _TOKENS)
    return Gemma3ImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    side = int(inputs.processor.image_seq_length**0.5)
    return tuple(TokenLayout.single(side, side) for _ in inputs.sizes)


def _decode(model: nn.Module, decoding: Decoding) -> Tensor:
    # The token types tell which positions see each other both ways: those of one picture.
    hidden = model.model(
        inputs_embeds=decoding.embeddings,
        token_type_ids=decoding.types.expand(len(decoding.embeddings), -1),
        position_ids=decoding.position_ids,
        use_cache=False,
    )[0]
    return decoding.wanted(hidden)


GEMMA3 = Family(
    title="Gemma 3",
    picture_text="<start_of_image>",
    model_class=Gemma3ForConditionalGeneration,
    load_processor=_load_processor,
    pixel_layout=IMAGES,
    layouts=_layouts,
    types_name="token_type_ids",
    attention_norm=lambda layer: layer.pre_feedforward_layernorm,
    decode=_decode,
)
