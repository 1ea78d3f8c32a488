"""How many visual tokens pictures take, from a model's files alone, before it was ever loaded. No torch here."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.models.class_defaults import complete
from core.models.configuration import mended, read_config
from core.models.dimensions import FRAMES, Dimensions, Tower, read_dimensions
from core.models.picture_split import split_grid
from core.models.resizing import fitted_by_gemma, resized_by_glm, resized_by_qwen
from core.models.video_size import VIDEO_RULES, fitted_frames, steps_of, video_settings
from core.schema.limits import PIXEL_BUDGETS
from core.schema.model_parts import Part

USUAL_SIDE = 28
"""Pixels on a visual token's side where a model's files do not tell: Qwen2.5-VL's 2 x 2 patches of 14 x 14."""

USUAL_BUDGET = 1_280
"""Visual tokens that pages and the command line keep a prompt's pictures to, unless somebody says otherwise.

The published limits let a 4000 x 3000 photo through as it is: 15,301 tokens, for which a 3B model takes 59 GB."""

FEWEST = 4
"""Visual tokens below which no picture is scaled down."""

OFF = "off"
"""How people ask for the model's own limits where something else is the default."""


def pixel_budget(text: str) -> "int | str":
    """What is written for a pixel budget on a command line: a number, or `OFF`.

    Raises:
        ValueError: it is neither.
    """
    return OFF if text == OFF else int(text)


def token_side(folder: Path) -> int:
    """Pixels on a visual token's side, of the picture as the model takes it."""
    dimensions = read_dimensions(folder)
    tower = dimensions.tower if dimensions else None
    return tower.patch * tower.merge if tower else USUAL_SIDE


def cell_side(folder: Path, part: Part) -> int:
    """The same of a cell of a map: a visual token's in the decoder, a patch's in the vision tower."""
    dimensions = read_dimensions(folder)
    is_patch = part == "tower" and dimensions is not None and dimensions.tower is not None
    return dimensions.tower.patch if is_patch else token_side(folder)


def most_visual_tokens(
    sizes: Sequence[tuple[int, int]], folder: Path, max_pixels: int | None = None, frames: int = 0
) -> int:
    """Visual tokens that the pictures of one prompt take at most, or its video.

    Exact but for models that cut pictures into tiles: of these it is the most that any picture takes, since how
    many tiles it is cut into is for their image processors to say.

    Args:
        sizes: (width, height) of each picture in pixels; of a video, of its frames alone.
        max_pixels: pixel budget of each picture or frame; None for the model's own.
        frames: of a video, how many are sampled; 0 for pictures.

    Raises:
        OSError, ValueError, KeyError, TypeError: the files do not tell.
    """
    config = complete(read_config(folder))
    dimensions = Dimensions.of(config)
    if dimensions is None or dimensions.tower is None:
        raise ValueError("The sizes of the vision tower are not known.")
    if frames:
        return steps_of(frames) * math.prod(_video_grid(sizes[0], frames, folder, config, dimensions.tower, max_pixels))
    tower, settings = dimensions.tower, _picture_settings(folder)
    if tower.image is None:
        return sum(math.prod(_grid(size, settings, tower, max_pixels)) for size in sizes)
    square = (tower.image // (tower.patch * tower.merge)) ** 2
    if (most := config.get("vision_aspect_ratio")) is not None:
        # LLaVA-OneVision: the whole picture, and its tiles' tokens with one more at the end of each line. Several
        # pictures are not tiled; each ends with one token more.
        tiles = int(most.removeprefix("anyres_max_"))
        return square + tiles * (square + math.isqrt(square)) if len(sizes) == 1 else (square + 1) * len(sizes)
    if "max_image_size" in settings:
        return square * sum(_split_tiles(size, settings, max_pixels) for size in sizes)
    return square * _most_tiles(settings, tower, max_pixels) * len(sizes)


def usual_max_pixels(
    sizes: Sequence[tuple[int, int]], folder: Path, budget: int | None = USUAL_BUDGET, frames: int = 0
) -> int | None:
    """The pixel budget of each picture, or each frame of a video, that keeps all within `budget` visual tokens.

    Args:
        sizes, frames: as of `most_visual_tokens`.
        budget: shared evenly by the pictures, or by the time steps; None for no limit.

    Returns:
        None where nothing is to be limited: the pictures are small enough as they are, or the model takes them not in
        their own shape, so that their number of tokens is its own affair.
    """
    if budget is None or not sizes:
        return None
    try:
        dimensions = read_dimensions(folder)
        if dimensions is None or dimensions.tower is None or dimensions.tower.image is not None:
            return None
        own = most_visual_tokens(sizes, folder, frames=frames)
        least, most = PIXEL_BUDGETS
        shared_by = steps_of(frames) or len(sizes)
        each = min(max(least, budget // shared_by * token_side(folder) ** 2), most)
        is_fewer = own > budget and most_visual_tokens(sizes, folder, each, frames) < own
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return each if is_fewer else None


def seen_sizes(
    sizes: Sequence[tuple[int, int]], folder: Path, max_pixels: int | None = None, frames: int = 0
) -> list[tuple[int, int]] | None:
    """(width, height) in pixels at which a model that takes pictures in their own shape sees each of them.

    Args:
        max_pixels, frames: as of `most_visual_tokens`.

    Returns:
        None where the model's files do not tell, or where it takes pictures otherwise.
    """
    try:
        dimensions = read_dimensions(folder)
        if dimensions is None or dimensions.tower is None or dimensions.tower.image is not None:
            return None
        settings, tower, side = _picture_settings(folder), dimensions.tower, token_side(folder)
        if frames:
            config = complete(read_config(folder))
            grids = [_video_grid(sizes[0], frames, folder, config, tower, max_pixels)]
        else:
            grids = [_grid(size, settings, tower, max_pixels) for size in sizes]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return [(columns * side, rows * side) for columns, rows in grids]


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


def _grid(size: tuple[int, int], settings: dict[str, Any], tower: Tower, max_pixels: int | None) -> tuple[int, int]:
    """Columns and rows of visual tokens of a model that takes pictures in their own shape."""
    # Within `size` or beside it, under the names of today or of before.
    budget, side = {**settings, **dict(settings.get("size", {}))}, tower.patch * tower.merge
    if "max_soft_tokens" in settings:
        return fitted_by_gemma(size, settings["max_soft_tokens"], side, max_pixels)
    least = budget.get("shortest_edge", budget.get("min_pixels"))
    most = budget.get("longest_edge", budget.get("max_pixels")) if max_pixels is None else max_pixels
    if str(settings.get("image_processor_type")).startswith("Glm"):
        return resized_by_glm(size, FRAMES * most if max_pixels else most, least, side)
    return resized_by_qwen(size, most, least, side)


def _video_grid(
    size: tuple[int, int], frames: int, folder: Path, config: dict[str, Any], tower: Tower, max_pixels: int | None
) -> tuple[int, int]:
    """Columns and rows of visual tokens of each step of a video."""
    rule = VIDEO_RULES.get(str(config.get("model_type")))
    if rule is None:
        raise ValueError("The model sees no video.")
    return fitted_frames(size, frames, rule, video_settings(folder), tower.patch * tower.merge, max_pixels)


def _picture_settings(folder: Path) -> dict[str, Any]:
    """The image processor's settings: in a file of their own or, as newer folders have them, in the processor's."""
    own = folder / "preprocessor_config.json"
    return _read(own) if own.is_file() else _read(folder / "processor_config.json")["image_processor"]


def _read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} holds no settings.")
    return mended(content)
