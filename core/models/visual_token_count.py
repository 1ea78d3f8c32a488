"""How many visual tokens pictures take, from a model's files alone, before it was ever loaded. No torch here."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.models.dimensions import FRAMES, Tower, read_dimensions
from core.models.picture_split import split_grid

SOFT_TOKENS = (70, 140, 280, 560, 1120)
"""How many tokens of a picture Gemma 4's image processor can be held to."""
USUAL_SIDE = 28
"""Pixels on a visual token's side where a model's files do not tell: Qwen2.5-VL's 2 x 2 patches of 14 x 14."""


def token_side(folder: Path) -> int:
    """Pixels on a visual token's side, of the picture as the model takes it."""
    dimensions = read_dimensions(folder)
    tower = dimensions.tower if dimensions else None
    return tower.patch * tower.merge if tower else USUAL_SIDE


def most_visual_tokens(sizes: Sequence[tuple[int, int]], folder: Path, max_pixels: int | None = None) -> int:
    """Visual tokens that the pictures of one prompt take at most.

    Exact but for models that cut pictures into tiles: of these it is the most that any picture takes, since how
    many tiles it is cut into is for their image processors to say.

    Args:
        sizes: (width, height) of each picture in pixels.
        max_pixels: pixel budget of each; None for the model's own.

    Raises:
        OSError, ValueError, KeyError, TypeError: the files do not tell.
    """
    dimensions, config = read_dimensions(folder), _read(folder / "config.json")
    if dimensions is None or dimensions.tower is None:
        raise ValueError("The sizes of the vision tower are not known.")
    tower, settings = dimensions.tower, _picture_settings(folder)
    if "max_soft_tokens" in settings:
        return sum(_fitted(size, settings["max_soft_tokens"], tower.patch * tower.merge, max_pixels) for size in sizes)
    if tower.image is None:
        return sum(_of_own_shape(size, settings, tower, max_pixels) for size in sizes)
    square = (tower.image // (tower.patch * tower.merge)) ** 2
    if (most := config.get("vision_aspect_ratio")) is not None:
        # LLaVA-OneVision: the whole picture, and its tiles' tokens with one more at the end of each line. Several
        # pictures are not tiled; each ends with one token more.
        tiles = int(most.removeprefix("anyres_max_"))
        return square + tiles * (square + math.isqrt(square)) if len(sizes) == 1 else (square + 1) * len(sizes)
    if "max_image_size" in settings:
        return square * sum(_split_tiles(size, settings, max_pixels) for size in sizes)
    return square * _most_tiles(settings, tower, max_pixels) * len(sizes)


def _fitted(size: tuple[int, int], most: int, side: int, max_pixels: int | None) -> int:
    """By Gemma 4's rule: as many whole tokens as fit in the picture's own shape; budgets are of a few sizes."""
    if max_pixels is not None:
        most = max((n for n in SOFT_TOKENS if n <= min(most, max_pixels // side**2)), default=SOFT_TOKENS[0])
    width, height = size
    by = math.sqrt(most * side**2 / (height * width))
    rows, columns = math.floor(by * height / side), math.floor(by * width / side)
    if not rows:
        rows, columns = 1, min(width // height, most)
    elif not columns:
        rows, columns = min(height // width, most), 1
    return rows * columns


def _split_tiles(size: tuple[int, int], settings: dict[str, Any], max_pixels: int | None) -> int:
    """How often SmolVLM's tower looks at a picture: at its tiles and, if there are several, at the whole of it."""
    tile, longest = settings["max_image_size"]["longest_edge"], settings["size"]["longest_edge"]
    if not settings.get("do_image_splitting", True):
        return 1
    if max_pixels is not None:
        longest = min(longest, tile * max(1, math.isqrt(max_pixels // tile**2)))
    rows, columns = split_grid((size[1], size[0]), longest, tile)
    return rows * columns + (rows * columns > 1)


def _most_tiles(settings: dict[str, Any], tower: Tower, max_pixels: int | None) -> int:
    """How often a tower of one size looks at a picture at most: once, or InternVL's at tiles and at a thumbnail."""
    tiles = settings.get("max_patches") or 1
    if max_pixels is not None:
        tiles = max(1, min(tiles, max_pixels // tower.image**2))
    return tiles + 1 if tiles > 1 else 1


def _of_own_shape(size: tuple[int, int], settings: dict[str, Any], tower: Tower, max_pixels: int | None) -> int:
    """By Qwen2-VL's rule: sides are multiples of a token's, the area within the budget."""
    budget = dict(settings.get("size", {}))
    least = budget.get("shortest_edge", settings.get("min_pixels"))
    most = budget.get("longest_edge", settings.get("max_pixels")) if max_pixels is None else max_pixels
    if str(settings.get("image_processor_type")).startswith("Glm"):
        return _of_glm(size, FRAMES * most if max_pixels else most, least, tower.patch * tower.merge)
    side = tower.patch * tower.merge
    least, (width, height) = min(least, most), size
    columns, rows = round(width / side), round(height / side)
    if columns * rows * side**2 > most:
        by = math.sqrt(height * width / most)
        columns, rows = max(1, math.floor(width / by / side)), max(1, math.floor(height / by / side))
    elif columns * rows * side**2 < least:
        by = math.sqrt(least / (height * width))
        columns, rows = math.ceil(width * by / side), math.ceil(height * by / side)
    return columns * rows


def _of_glm(size: tuple[int, int], most: int, least: int, side: int) -> int:
    """By GLM's rule, which counts the pixels of both frames that a picture becomes."""
    height, width = size[1], size[0]
    if min(height, width) < side:
        scale = side / min(height, width)
        height, width = int(height * scale), int(width * scale)
    least, rows, columns = min(least, most), round(height / side), round(width / side)
    if FRAMES * rows * columns * side**2 > most:
        by = math.sqrt(FRAMES * height * width / most)
        rows, columns = (max(1, math.floor(length / by / side)) for length in (height, width))
    elif FRAMES * rows * columns * side**2 < least:
        by = math.sqrt(least / (FRAMES * height * width))
        rows, columns = (math.ceil(length * by / side) for length in (height, width))
    return rows * columns


def _picture_settings(folder: Path) -> dict[str, Any]:
    """The image processor's settings: in a file of their own or, as newer folders have them, in the processor's."""
    own = folder / "preprocessor_config.json"
    return _read(own) if own.is_file() else _read(folder / "processor_config.json")["image_processor"]


def _read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no settings.")
    return content
