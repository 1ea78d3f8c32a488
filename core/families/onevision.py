"""LLaVA-OneVision: the whole picture coarsely, then tiles of it (anyres) with a token at each line's end."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import LlavaOnevisionForConditionalGeneration, LlavaOnevisionProcessor
from transformers.image_processing_utils import select_best_resolution
from transformers.models.llava_onevision.modeling_llava_onevision import unpad_image
from transformers.processing_utils import ProcessorMixin

from core.families.family import Family
from core.families.llava import padded_to_square
from core.families.look import Look, Vision
from core.families.parts import load_parts
from core.layouts import IMAGES
from core.sight import WHOLE, Rect, Sight, View


class OneVisionImageTextProcessor(LlavaOnevisionProcessor):
    """LLaVA-OneVision's processor without its video part, which cannot be loaded without torchvision."""

    def __init__(
        self,
        image_processor=None,
        tokenizer=None,
        chat_template=None,
        num_image_tokens=None,
        vision_feature_select_strategy=None,
        image_token="<image>",
        vision_aspect_ratio="anyres_max_9",
        **_: Any,
    ) -> None:
        self.num_image_tokens = num_image_tokens
        self.vision_feature_select_strategy = vision_feature_select_strategy
        self.image_token, self.video_token = image_token, "<video>"
        self.image_token_id, self.video_token_id = (
            tokenizer.convert_tokens_to_ids(token) for token in (self.image_token, self.video_token)
        )
        self.vision_aspect_ratio = vision_aspect_ratio
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_parts(folder)
    return OneVisionImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _sights(look: Look) -> tuple[Sight, ...]:
    config, sizes = look.config, look.sizes
    vision_config = config.vision_config
    side = vision_config.image_size // vision_config.patch_size
    if len(sizes) > 1:  # several pictures are not tiled: each is padded to a square, and ends with one token more
        return tuple(
            Sight((View(side, side, rect),), (rect,), side * side + 1, (side * side,))
            for rect in map(padded_to_square, sizes)
        )
    (size,) = sizes
    canvas = select_best_resolution(size, config.image_grid_pinpoints)
    tiles = tuple(length // vision_config.image_size for length in canvas)
    rows, columns, tile_view = _tiled(size, canvas, tiles, side)
    most = int(config.vision_aspect_ratio.removeprefix("anyres_max_"))
    ratio = (rows * columns / (most * side**2)) ** 0.5
    if ratio > 1.1:  # too many tokens: the model resamples them to fewer, over the same part of the picture
        rows, columns = int(rows // ratio), int(columns // ratio)
    base, ends = side * side, tuple(side * side + row * (columns + 1) + columns for row in range(rows))
    return (
        Sight(
            views=(View(side, side), View(rows, columns, tile_view)),
            crops=(WHOLE, *_tile_rects(size, canvas, tiles)),
            length=base + rows * (columns + 1),
            unplaced=ends,
        ),
    )


def _fitted(size: tuple[int, int], canvas: tuple[int, int]) -> Rect:
    """The canvas in parts of the picture that is fitted into its middle."""
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    fitted = tuple(min(round(length * scale), most) for length, most in zip(size, canvas, strict=True))
    (top, bottom), (left, right) = (
        (-((whole - part) // 2) / part, (whole - (whole - part) // 2) / part)
        for part, whole in zip(fitted, canvas, strict=True)
    )
    return Rect(top, left, bottom, right)


def _tile_rects(size: tuple[int, int], canvas: tuple[int, int], tiles: tuple[int, int]) -> list[Rect]:
    whole = _fitted(size, canvas)
    return [whole.part((row, row + 1, tiles[0]), (column, column + 1, tiles[1])) for row, column in _each(tiles)]


def _tiled(size: tuple[int, int], canvas: tuple[int, int], tiles: tuple[int, int], side: int) -> tuple[int, int, Rect]:
    """(rows, columns) of tokens that are left when the canvas' margin is cut off, and what they cover.

    A tile's tokens are taken to cover it evenly; where patches do not divide it, its last pixels are seen by none.
    """
    all_rows, all_columns = tiles[0] * side, tiles[1] * side
    rows, columns = unpad_image(torch.empty(1, all_rows, all_columns), list(size)).shape[1:]
    top, left = (all_rows - rows) // 2, (all_columns - columns) // 2
    rect = _fitted(size, canvas).part((top, top + rows, all_rows), (left, left + columns, all_columns))
    return rows, columns, rect


def _each(tiles: tuple[int, int]) -> list[tuple[int, int]]:
    return [(row, column) for row in range(tiles[0]) for column in range(tiles[1])]


def _encode_image(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    batch = len(pixels)
    features = model.model.get_image_features(
        pixels.flatten(0, 1),
        vision["image_sizes"].repeat(batch, 1),
        batch_num_images=vision["batch_num_images"].repeat(batch),
    ).pooler_output
    return torch.cat(list(features)).unflatten(0, (batch, -1))


LLAVA_ONEVISION = Family(
    title="LLaVA-OneVision",
    model_class=LlavaOnevisionForConditionalGeneration,
    load_processor=_load_processor,
    layout=IMAGES,
    sights=_sights,
    encode_image=_encode_image,
)
