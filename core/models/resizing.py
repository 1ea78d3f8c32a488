"""At how many visual tokens image processors bring a picture in its own shape, by the rules of families. No torch here.

Everywhere: `size` is (width, height) in pixels, `side` pixels on a token's side, and what is returned (columns, rows)
of tokens. `most` and `least` are pixels, the budget. In transformers' order of operations, whose rounding decides.
"""

import math

from core.models.dimensions import FRAMES

_SOFT_TOKENS = (70, 140, 280, 560, 1120)
"""How many tokens of a picture Gemma 4's image processor can be held to."""


def soft_tokens(most: int, side: int, max_pixels: int) -> int:
    """To how many tokens Gemma 4's image processor is held by a pixel budget, of `most`; the fewest at least."""
    return max((n for n in _SOFT_TOKENS if n <= min(most, max_pixels // side**2)), default=_SOFT_TOKENS[0])


def resized_by_qwen(size: tuple[int, int], most: int, least: int, side: int) -> tuple[int, int]:
    """By Qwen2-VL's rule: sides are multiples of a token's, within the budget."""
    least, (width, height) = min(least, most), size
    columns, rows = round(width / side), round(height / side)
    if columns * rows * side**2 > most:
        by = math.sqrt(height * width / most)
        columns, rows = max(1, math.floor(width / by / side)), max(1, math.floor(height / by / side))
    elif columns * rows * side**2 < least:
        by = math.sqrt(least / (height * width))
        columns, rows = math.ceil(width * by / side), math.ceil(height * by / side)
    return columns, rows


def resized_by_glm(size: tuple[int, int], most: int, least: int, side: int) -> tuple[int, int]:
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
    return columns, rows


def fitted_by_gemma(size: tuple[int, int], most: int, side: int, max_pixels: int | None) -> tuple[int, int]:
    """By Gemma 4's rule: as many whole tokens as fit in the picture's own shape.

    Args:
        most: tokens.
        max_pixels: held to as far as the few numbers of tokens allow that there are; None for none.
    """
    if max_pixels is not None:
        most = soft_tokens(most, side, max_pixels)
    width, height = size
    by = math.sqrt(most * side**2 / (height * width))
    rows, columns = math.floor(by * height / side), math.floor(by * width / side)
    if not rows:
        rows, columns = 1, min(width // height, most)
    elif not columns:
        rows, columns = min(height // width, most), 1
    return columns, rows


def resized_with_frames(size: tuple[int, int], frames: int, most: int, least: int, side: int) -> tuple[int, int]:
    """By Qwen3-VL's rule for videos, whose budget is that of all frames together."""
    width, height = size
    if min(height, width) < side:
        scale = max(side / height, side / width)
        height, width = int(height * scale), int(width * scale)
    rows, columns = round(height / side), round(width / side)
    whole = round(frames / FRAMES) * FRAMES * rows * columns * side**2
    if whole > most:
        by = math.sqrt(frames * height * width / most)
        rows, columns = (max(1, math.floor(length / by / side)) for length in (height, width))
    elif whole < least:
        by = math.sqrt(least / (frames * height * width))
        rows, columns = (math.ceil(length * by / side) for length in (height, width))
    return columns, rows
