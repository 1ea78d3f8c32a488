"""Heat -> colour, overlays and labelled sheets of pictures. No model, no files; RGB throughout."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.rendering.fonts import find_font
from core.rendering.interpolation import interpolate
from core.rendering.look import COLORMAP_NAMES, DEFAULT_COLORMAP, OPACITY
from core.schema.visible_text import visible
from core.schema.words import has_cjk

COLORMAPS = {name: getattr(cv2, f"COLORMAP_{name.upper()}") for name in COLORMAP_NAMES}
SHADES = 1024
"""Of a colour map: a step from one to the next cannot be seen."""
STRIP = 128
"""Rows of a picture that are drawn at once."""
EDGE = 0.01
"""Share of the maximum over which colour fades out below a threshold, so that its edge has no steps."""


def normalise(heat: np.ndarray, maximum: float | None = None) -> np.ndarray:
    """Heat over `maximum` (its own by default), clipped to [0, 1], float32. A blank map stays 0.

    The zero stays where it is: subtracting the minimum would make a flat map look like a found one.
    """
    top = float(np.max(heat)) if maximum is None else maximum
    if not top > 0:
        return np.zeros(heat.shape, np.float32)
    return np.clip(heat / top, 0, 1).astype(np.float32)


def enlarge(heat: np.ndarray, size: tuple[int, int], smooth: bool = True, rows: slice = slice(None)) -> np.ndarray:
    """Heat [grid_h, grid_w] on a picture of `size` (width, height); cells cover the picture exactly.

    Smooth between cell centres (see `core.rendering.interpolation`), or one flat block a cell. Nothing overshoots.

    Args:
        rows: of the picture, those that are wanted.
    """
    if smooth:
        return interpolate(heat, size, rows)
    (grid_h, grid_w), (width, height) = heat.shape, size
    return heat[(np.arange(height) * grid_h // height)[rows]][:, np.arange(width) * grid_w // width]


def colours(colormap: str) -> np.ndarray:
    """The 256 colours that OpenCV has for values from 0 to 1, uint8 RGB [256, 3]."""
    return cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], COLORMAPS[colormap])[:, 0, ::-1]


@cache
def shades(colormap: str) -> np.ndarray:
    """The colours of values from 0 to 1 in even steps, uint8 RGBA [SHADES, 4]: the 256, and between them."""
    return between(colours(colormap))


def between(given: np.ndarray) -> np.ndarray:
    """256 colours, uint8 RGB [256, 3], with those between them: uint8 RGBA [SHADES, 4]."""
    at = np.linspace(0, 255, SHADES)
    table = np.stack([*(np.interp(at, np.arange(256), channel) for channel in given.T), np.full(SHADES, 255)], -1)
    table = np.round(table).astype(np.uint8)
    table.setflags(write=False)
    return table


def colorize(values: np.ndarray, colormap: str = DEFAULT_COLORMAP) -> np.ndarray:
    """Values in [0, 1] -> uint8 RGB, same shape plus 3."""
    return painted(values, shades(colormap))


def painted(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Values in [0, 1] in the colours of a table, as of `between`: uint8 RGB, same shape plus 3."""
    numbers = ((SHADES - 1) * np.clip(values, 0, 1) + 0.5).astype(np.uint16)
    # A shade as one number is fetched many times faster than as three bytes.
    drawn = np.take(table.view(np.uint32)[:, 0], numbers)
    return cv2.cvtColor(drawn.view(np.uint8).reshape(-1, 1, 4), cv2.COLOR_RGBA2RGB).reshape(*values.shape, 3)


def heatmap(
    heat: np.ndarray,
    size: tuple[int, int],
    colormap: str = DEFAULT_COLORMAP,
    smooth: bool = True,
    maximum: float | None = None,
) -> np.ndarray:
    """A heat map in colour, uint8 [height, width, 3], for a picture of `size` (width, height)."""
    return colorize(enlarge(normalise(heat, maximum), size, smooth), colormap)


def overlay(
    pixels: np.ndarray,
    heat: np.ndarray,
    opacity: float = OPACITY,
    colormap: str = DEFAULT_COLORMAP,
    smooth: bool = True,
    maximum: float | None = None,
    sureness: np.ndarray | None = None,
    threshold: float = 0.0,
    even: bool = False,
) -> np.ndarray:
    """The heat map laid over its picture, uint8 [height, width, 3]; opacity 0 shows the picture alone.

    Args:
        opacity: of the hottest place. Elsewhere it falls with the heat, so that cold places look as in the picture.
        sureness: [grid_h, grid_w] in [0, 1], see `sureness`: the opacity is multiplied by it.
        threshold: heat below this share of the maximum is not coloured; 0 colours all of it.
        even: one opacity everywhere, as a veil.
    """
    scaled = normalise(heat, maximum)
    return blended(pixels, scaled, partial(colorize, colormap=colormap), opacity, smooth, sureness, threshold, even)


def blended(
    pixels: np.ndarray,
    scaled: np.ndarray,
    paint: Callable[[np.ndarray], np.ndarray],
    opacity: float,
    smooth: bool,
    sureness: np.ndarray | None,
    threshold: float,
    even: bool,
) -> np.ndarray:
    """What `overlay` draws, for values that are on their scale already and may lie below zero, too.

    Args:
        scaled: [grid_h, grid_w] in [-1, 1]; opacity and threshold go by their amount.
        paint: values on the picture -> uint8 RGB.
    """
    height, width = pixels.shape[:2]
    drawn = np.empty_like(pixels)
    for first in range(0, height, STRIP):  # of a large picture, no more than this is in memory several times
        rows = slice(first, first + STRIP)
        values = enlarge(scaled, (width, height), smooth, rows)
        amounts = np.abs(values)
        share = np.full(values.shape, opacity, np.float32) if even else opacity * amounts
        if sureness is not None:
            share *= enlarge(sureness.astype(np.float32), (width, height), smooth, rows)
        if threshold > 0:
            share *= np.clip((amounts - threshold) / EDGE + 1, 0, 1)
        drawn[rows] = cv2.blendLinear(paint(values), pixels[rows], share, 1 - share)
    return drawn


def sureness(heat: np.ndarray, stderr: np.ndarray) -> np.ndarray:
    """How well the heat of each cell is known: 1 - 2 stderr / heat, at least 0; float32, same shape.

    1 for a cell without error, 0 where the standard error is half of the heat or more, or is not known. Heat below a
    tenth of the hottest cell's counts as that tenth: a cell is surely cold, too, whose small heat varies by its own
    size, and would otherwise stand out as a bright spot where there is nothing.
    """
    heat, stderr = np.asarray(heat, np.float64), np.asarray(stderr, np.float64)
    floor = np.maximum(heat, heat.max() / 10)
    relative = np.divide(stderr, floor, out=np.where(stderr == 0, 0.0, np.inf), where=floor > 0)
    return np.nan_to_num(np.clip(1 - 2 * relative, 0, 1), nan=0.0).astype(np.float32)


def outline(pixels: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """The picture with a mask's edge drawn in `colour` on a black one, so that it shows on any ground.

    Args:
        mask: bool, of any resolution: it covers the picture exactly, as a grid of cells or pixel by pixel.
    """
    height, width = pixels.shape[:2]
    inside = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    lines = edges(inside, cv2.CHAIN_APPROX_NONE)
    drawn, thick = pixels.copy(), max(1, round(max(height, width) / 400))
    cv2.drawContours(drawn, lines, -1, (0, 0, 0), 3 * thick)
    cv2.drawContours(drawn, lines, -1, colour, thick)
    return drawn


def edges(inside: np.ndarray, chain: int) -> Sequence[np.ndarray]:
    """The closed lines around what is inside, and around its holes, each int [points, 1, (x, y)].

    Args:
        inside: uint8 [height, width], 1 inside and 0 outside.
        chain: which points are told, a `cv2.CHAIN_APPROX_...`.
    """
    # Beyond the picture nothing is inside: an edge at the border is a line, too.
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.findContours(framed, cv2.RETR_LIST, chain, offset=(-1, -1))[0]


def fit(pixels: np.ndarray, longest: int) -> np.ndarray:
    """The picture with its longer side at most `longest` pixels; smaller ones are left as they are."""
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def sheet(
    tiles: list[tuple[str, np.ndarray]], columns: int, title: str = "", tile_width: int = 360, margin: int = 16
) -> np.ndarray:
    """Pictures with a caption each, in rows, under one title.

    Args:
        tiles: (caption, uint8 RGB picture); all are drawn `tile_width` wide, rows as high as needed.
        columns: tiles in a row.

    Returns:
        uint8 [height, width, 3], black on white.
    """
    font, title_font = _font(20, "".join(caption for caption, _ in tiles)), _font(28, title)
    caption_height, title_height = 34, 56 if title else 0
    scaled = [(caption, _to_width(picture, tile_width)) for caption, picture in tiles]
    rows = [scaled[i : i + columns] for i in range(0, len(scaled), columns)]
    heights = [max(tile.height for _, tile in row) + caption_height + margin for row in rows]
    width = min(columns, len(tiles)) * (tile_width + margin) + margin
    page = Image.new("RGB", (width, title_height + sum(heights) + margin), "white")
    draw = ImageDraw.Draw(page)
    draw.text((width / 2, margin), _line(title), fill="black", font=title_font, anchor="ma")
    top = title_height + margin
    for row, height in zip(rows, heights, strict=True):
        for column, (caption, tile) in enumerate(row):
            left = margin + column * (tile_width + margin)
            draw.text((left + tile_width / 2, top), _line(caption), fill="black", font=font, anchor="ma")
            page.paste(tile, (left, top + caption_height))
        top += height
    return np.asarray(page)


def _font(size: int, text: str) -> ImageFont.FreeTypeFont:
    """Pillow's own for plain text, which looks the same on every machine."""
    return ImageFont.load_default(size) if text.isascii() else find_font(size, has_cjk(text))


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def _to_width(picture: np.ndarray, width: int) -> Image.Image:
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
