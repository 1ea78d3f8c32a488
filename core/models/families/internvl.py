"""InternVL3, as transformers has it: the picture stretched over a grid of tiles, then the whole of it once more."""

import re
from typing import Any

from torch import nn
from transformers import BatchFeature, InternVLForConditionalGeneration, InternVLProcessor
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Family
from core.models.families.processors import load_components, name_tokens
from core.models.families.vision_inputs import VisionInputs
from core.models.families.vision_towers import in_use
from core.models.pixel_layout import IMAGES
from core.models.token_layout import WHOLE, Tile, TokenLayout

_TOKENS = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>"}
"""Names of the tokenizer's, and the tokens that bear them in published folders."""


class InternVLImageTextProcessor(InternVLProcessor):
    """InternVL's processor without its video part, which cannot be loaded without torchvision."""

    def __init__(
        self, image_processor=None, tokenizer=None, chat_template=None, image_seq_length: int = 256, **_: Any
    ) -> None:
        # The parent's own would want the video part; what it sets is set here.
        self.image_seq_length = image_seq_length
        self.start_image_token, self.end_image_token = tokenizer.start_image_token, tokenizer.end_image_token
        self.start_image_token_id = tokenizer.start_image_token_id
        self.end_image_token_id = tokenizer.end_image_token_id
        self.image_token, self.image_token_id = tokenizer.context_image_token, tokenizer.context_image_token_id
        # Folders that were made before videos were read name none.
        self.video_token = getattr(tokenizer, "video_token", None) or "<video>"
        self.multimodal_pattern = re.compile(
            f"(?P<image>{re.escape(self.image_token)})|(?P<video>{re.escape(self.video_token)})"
        )
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    def __call__(self, images=None, text=None, **options: Any) -> BatchFeature:
        # The parent's own puts pictures and videos into one row, and counts those that a prompt only speaks of.
        return ProcessorMixin.__call__(self, images=images, text=text, **options)


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_components(folder)
    name_tokens(tokenizer, _TOKENS)
    return InternVLImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    side = int(inputs.processor.image_seq_length**0.5)
    return tuple(_layout(side, _tile_grid(inputs, size)) for size in inputs.sizes)


def _tile_grid(inputs: VisionInputs, size: tuple[int, int]) -> tuple[int, int]:
    """(rows, columns) of tiles that a picture of (height, width) pixels is cut into."""
    processor = inputs.processor.image_processor
    most = inputs.options.get("max_patches", processor.max_patches)
    if most <= 1:
        return 1, 1
    tile = processor.size["height"], processor.size["width"]
    columns, rows = get_optimal_tiled_canvas(size, tile, min(processor.min_patches, most), most)
    return rows, columns


def _layout(side: int, tile_grid: tuple[int, int]) -> TokenLayout:
    rows, columns = tile_grid
    rects = [
        WHOLE.section((row, row + 1, rows), (column, column + 1, columns))
        for row in range(rows)
        for column in range(columns)
    ]
    if len(rects) > 1:
        rects.append(WHOLE)  # a thumbnail
    tiles = tuple(Tile(side, side, rect) for rect in rects)
    return TokenLayout(tiles, tuple(rects), len(rects) * side * side)


def _budget(processor: Any, pixels: int) -> dict[str, Any]:
    size = processor.image_processor.size
    tiles = max(1, min(processor.image_processor.max_patches, pixels // (size["height"] * size["width"])))
    return {"max_patches": tiles, "min_patches": min(processor.image_processor.min_patches, tiles)}


def _tower_blocks(model: nn.Module) -> nn.ModuleList:
    return in_use(model, model.model.vision_tower.encoder.layer)


INTERNVL = Family(
    title="InternVL3",
    picture_text="<IMG_CONTEXT>\n",
    model_class=InternVLForConditionalGeneration,
    load_processor=_load_processor,
    pixel_layout=IMAGES,
    layouts=_layouts,
    budget=_budget,
    tower_blocks=_tower_blocks,
)
