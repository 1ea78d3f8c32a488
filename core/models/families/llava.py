"""LLaVA-1.5: one square image of fixed size, which by default is cut from the middle of the picture."""

from typing import Any

from transformers import LlavaForConditionalGeneration, LlavaProcessor
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Family
from core.models.families.processors import load_components, load_config
from core.models.families.vision_inputs import VisionInputs
from core.models.pixel_layout import IMAGES
from core.models.token_layout import WHOLE, Rect, Tile, TokenLayout

_TOKENS_BESIDE_PATCHES = {"clip_vision_model": 1, "siglip_vision_model": 0}
"""The vision towers that are known, and how many of their tokens are no patches."""


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_components(folder)
    # Older folders leave to the model's configuration how many tokens a picture has.
    config = load_config(folder)
    tower = config.vision_config.model_type
    if tower not in _TOKENS_BESIDE_PATCHES:
        raise ValueError(f"its vision tower is of type {tower!r}, not one of {', '.join(_TOKENS_BESIDE_PATCHES)}.")
    stated = {
        "patch_size": config.vision_config.patch_size,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        "num_additional_image_tokens": _TOKENS_BESIDE_PATCHES[tower],
    }
    settings = {**stated, **settings}
    return LlavaProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    return tuple(_layout(inputs, _seen(inputs.processor.image_processor, size)) for size in inputs.sizes)


def _layout(inputs: VisionInputs, seen: Rect) -> TokenLayout:
    (height, width), patch = inputs.shape[-2:], inputs.config.vision_config.patch_size
    rows, columns = height // patch, width // patch
    # Where patches do not divide the image, its last pixels are seen by none.
    tile = Tile(rows, columns, seen.section((0, rows * patch, height), (0, columns * patch, width)))
    return TokenLayout((tile,), (seen,), tile.tokens)


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


LLAVA = Family(
    title="LLaVA-1.5",
    picture_text="<image>\n",
    model_class=LlavaForConditionalGeneration,
    load_processor=_load_processor,
    pixel_layout=IMAGES,
    layouts=_layouts,
)
