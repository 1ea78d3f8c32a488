"""LLaVA-1.5: one square image of fixed size, which by default is cut from the middle of the picture."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import LlavaForConditionalGeneration, LlavaProcessor
from transformers.processing_utils import ProcessorMixin

from core.families.family import Family
from core.families.look import Look, Vision
from core.families.parts import load_parts
from core.layouts import IMAGES
from core.sight import WHOLE, Rect, Sight


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_parts(folder)
    return LlavaProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _sights(look: Look) -> tuple[Sight, ...]:
    rows, columns = (side // look.config.vision_config.patch_size for side in look.shape[-2:])
    return tuple(Sight.single(rows, columns, _seen(look.processor.image_processor, size)) for size in look.sizes)


def _seen(processor: Any, size: tuple[int, int]) -> Rect:
    """What of a picture of (height, width) pixels the processor's image holds."""
    if getattr(processor, "do_pad", False):
        return padded_to_square(size)
    if not processor.do_center_crop or not processor.size.shortest_edge:
        return WHOLE
    crop, (short, long) = processor.crop_size, sorted(size)
    edge = processor.size.shortest_edge
    # In transformers' order of operations: the longer side is rounded down.
    height, width = (edge if side == short else int(edge * long / short) for side in size)
    (top, bottom), (left, right) = _middle(height, crop.height), _middle(width, crop.width)
    return Rect(top, left, bottom, right)


def _middle(side: int, part: int) -> tuple[float, float]:
    """Where the middle `part` pixels of a `side` begin and end, in parts of the side."""
    begin = (side - part) // 2
    return begin / side, (begin + part) / side


def padded_to_square(size: tuple[int, int]) -> Rect:
    """The square around a picture of (height, width) pixels, in parts of the picture."""
    longest = max(size)
    (top, bottom), (left, right) = (_around(side, longest) for side in size)
    return Rect(top, left, bottom, right)


def _around(side: int, longest: int) -> tuple[float, float]:
    begin = (longest - side) // 2
    return -begin / side, (longest - begin) / side


def _encode_image(model: nn.Module, pixels: Tensor, _: Vision) -> Tensor:
    features = model.model.get_image_features(pixels.flatten(0, 1)).pooler_output
    return torch.cat(list(features)).unflatten(0, (len(pixels), -1))


LLAVA = Family(
    title="LLaVA-1.5",
    model_class=LlavaForConditionalGeneration,
    load_processor=_load_processor,
    layout=IMAGES,
    sights=_sights,
    encode_image=_encode_image,
)
