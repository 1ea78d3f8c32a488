"""GLM-4.6V and its like: pictures of any size read as Qwen2-VL reads them, with a processor and budget of their own."""

from typing import Any

from transformers import (
    Glm4vForConditionalGeneration,
    Glm4vMoeForConditionalGeneration,
    Glm46VForConditionalGeneration,
    Glm46VProcessor,
)
from transformers.processing_utils import ProcessorMixin

from core.models.dimensions import FRAMES
from core.models.families.base import Family
from core.models.families.processors import load_components
from core.models.families.qwen_vl import LIKE_QWEN, encode_image


class GlmImageTextProcessor(Glm46VProcessor):
    """GLM's processor without its video part, which cannot be loaded without torchvision."""

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **_: Any) -> None:
        self.image_token, self.video_token = "<|image|>", "<|video|>"
        self.image_token_id, self.video_token_id = (
            tokenizer.convert_tokens_to_ids(token) for token in (self.image_token, self.video_token)
        )
        self.video_start_id = tokenizer.convert_tokens_to_ids("<|begin_of_video|>")
        self.video_end_id = tokenizer.convert_tokens_to_ids("<|end_of_video|>")
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, _ = load_components(folder)
    return GlmImageTextProcessor(image_processor, tokenizer, chat_template=template)


def _budget(processor: Any, pixels: int) -> dict[str, Any]:
    # The image processor counts the pixels of both frames that a picture becomes.
    most = FRAMES * pixels
    return {"size": {"shortest_edge": min(processor.image_processor.size["shortest_edge"], most), "longest_edge": most}}


_GLM = LIKE_QWEN | {
    "picture_text": "<|begin_of_image|><|image|><|end_of_image|>",
    "load_processor": _load_processor,
    "encode_image": encode_image,
    "budget": _budget,
}

GLM46V = Family(title="GLM-4.6V", model_class=Glm46VForConditionalGeneration, **_GLM)
GLM4V = Family(title="GLM-4V (dense)", model_class=Glm4vForConditionalGeneration, **_GLM)
GLM4V_MOE = Family(title="GLM-4V-MoE", model_class=Glm4vMoeForConditionalGeneration, **_GLM)
