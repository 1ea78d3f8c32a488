"""LLaVA-OneVision: the whole picture coarsely, then tiles of it (anyres) with a token at each line's end."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import LlavaOnevisionForConditionalGeneration, LlavaOnevisionProcessor
from transformers.image_processing_utils import select_best_resolution
from transformers.models.llava_onevision.modeling_llava_onevision import unpad_image
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Family
from core.models.families.llava import padded_to_square
from core.models.families.processors import load_components
from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.pixel_layout import IMAGES
from core.models.token_layout import WHOLE, Bands, Rect, Tile, TokenLayout


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
    image_processor, tokenizer, template, settings = load_components(folder)
    return OneVisionImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    if len(inputs.sizes) > 1:  # several pictures are not tiled
        return tuple(_padded(inputs.config, size) for size in inputs.sizes)
    return tuple(_tiled(inputs.config, size) for size in inputs.sizes)


def _padded(config: Any, size: tuple[int, int]) -> TokenLayout:
    """A picture of (height, width) pixels that is padded to a square, and ends with one token more."""
    square, tower = padded_to_square(size), _Tower.of(config)
    bands = tower.bands(1)
    tile = Tile.banded(*(_scaled(bands, *side) for side in ((square.top, square.height), (square.left, square.width))))
    return TokenLayout((tile,), (square,), tile.tokens + 1, (tile.tokens,))


def _tiled(config: Any, size: tuple[int, int]) -> TokenLayout:
    """A picture that is seen twice: stretched to a square, and fitted into a canvas of tiles."""
    tower = _Tower.of(config)
    canvas = select_best_resolution(size, config.image_grid_pinpoints)
    tile_grid = tuple(length // tower.image for length in canvas)
    whole = Tile.banded(tower.bands(1), tower.bands(1))
    most = int(config.vision_aspect_ratio.removeprefix("anyres_max_"))
    down, across = _fine(tower, tile_grid, size, most)
    rect, line = _fitted(size, canvas), len(across) + 1
    tiles = [whole]
    if down and across:  # a picture may be so thin that none of the tiles' tokens is left
        tiles.append(Tile.banded(_scaled(down, rect.top, rect.height), _scaled(across, rect.left, rect.width)))
    return TokenLayout(
        tiles=tuple(tiles),
        crops=(WHOLE, *_tile_rects(rect, tile_grid)),
        length=whole.tokens + len(down) * line,
        unplaced=tuple(whole.tokens + row * line + len(across) for row in range(len(down))),
    )


def _fine(tower: "_Tower", tile_grid: tuple[int, int], size: tuple[int, int], most: int) -> tuple[Bands, Bands]:
    """Rows and columns of the tiles' tokens, in parts of the canvas.

    Those on the canvas' margin are cut off; if more are left than `most` squares have, they are resampled.
    """
    every = tuple(count * tower.side for count in tile_grid)
    unpadded = unpad_image(torch.empty(1, *every), list(size)).shape[1:]
    ratio = (unpadded[0] * unpadded[1] / (most * tower.side**2)) ** 0.5
    wanted = (int(count // ratio) if ratio > 1.1 else count for count in unpadded)
    down, across = (
        tower.bands(count, (all_ - inside) // 2, inside, fewer)
        for count, all_, inside, fewer in zip(tile_grid, every, unpadded, wanted, strict=True)
    )
    return down, across


@dataclass(frozen=True)
class _Tower:
    """The vision tower's geometry: pixels on a tile's side, on a patch's side, and patches on a tile's side.

    Where patches do not divide a tile, its last pixels are seen by none.
    """

    image: int
    patch: int
    side: int

    @classmethod
    def of(cls, config: Any) -> "_Tower":
        image, patch = config.vision_config.image_size, config.vision_config.patch_size
        return cls(image, patch, image // patch)

    def bands(self, tiles: int, first: int = 0, patches: int | None = None, count: int | None = None) -> Bands:
        """Where `count` equal groups of the `patches` from `first` on lie on a row of tiles, in parts of it."""
        patches = tiles * self.side if patches is None else patches
        count = patches if count is None else count
        edges = [first + patches * index / count for index in range(count)] + [first + patches]
        length = tiles * self.image
        return tuple(
            # What ends with a tile does not reach into the next.
            (
                self._pixel(begin, math.floor(begin / self.side)) / length,
                self._pixel(end, math.ceil(end / self.side) - 1) / length,
            )
            for begin, end in pairwise(edges)
        )

    def _pixel(self, patches: float, tile: int) -> float:
        return tile * self.image + (patches - tile * self.side) * self.patch


def _scaled(bands: Bands, start: float, length: float) -> Bands:
    return tuple((start + length * begin, start + length * end) for begin, end in bands)


def _fitted(size: tuple[int, int], canvas: tuple[int, int]) -> Rect:
    """The canvas in parts of the picture that is fitted into its middle."""
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    # The side that limits it fills the canvas, whatever rounding says.
    fitted = tuple(min(math.ceil(length * scale), most) for length, most in zip(size, canvas, strict=True))
    (top, bottom), (left, right) = (
        (-((whole - part) // 2) / part, (whole - (whole - part) // 2) / part)
        for part, whole in zip(fitted, canvas, strict=True)
    )
    return Rect(top, left, bottom, right)


def _tile_rects(canvas: Rect, tile_grid: tuple[int, int]) -> list[Rect]:
    return [
        canvas.section((row, row + 1, tile_grid[0]), (column, column + 1, tile_grid[1]))
        for row in range(tile_grid[0])
        for column in range(tile_grid[1])
    ]


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
    picture_text="<image>\n",
    model_class=LlavaOnevisionForConditionalGeneration,
    load_processor=_load_processor,
    pixel_layout=IMAGES,
    layouts=_layouts,
    encode_image=_encode_image,
)
