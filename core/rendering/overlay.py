"""Heat -> colour, overlays and labelled sheets of pictures. No model, no files; RGB throughout."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Perceptually even maps first; jet is there for comparison with older figures.
COLORMAPS = {
    "inferno": cv2.COLORMAP_INFERNO,
    "viridis": cv2.COLORMAP_VIRIDIS,
    "magma": cv2.COLORMAP_MAGMA,
    "turbo": cv2.COLORMAP_TURBO,
    "jet": cv2.COLORMAP_JET,
}
DEFAULT_COLORMAP = "inferno"


def normalise(heat: np.ndarray, maximum: float | None = None) -> np.ndarray:
    """Heat over `maximum` (its own by default), clipped to [0, 1], float32. A blank map stays 0.

    The zero stays where it is: subtracting the minimum would make a flat map look like a found one.
    """
    top = float(np.max(heat)) if maximum is None else maximum
    if not top > 0:
        return np.zeros(heat.shape, np.float32)
    return np.clip(heat / top, 0, 1).astype(np.float32)


def enlarge(heat: np.ndarray, size: tuple[int, int], smooth: bool = True) -> np.ndarray:
    """Heat [grid_h, grid_w] on a picture of `size` (width, height); cells cover the picture exactly.

    Linear between cell centres, or one flat block a cell. Nothing overshoots.
    """
    return cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST)


def colorize(values: np.ndarray, colormap: str = DEFAULT_COLORMAP) -> np.ndarray:
    """Values in [0, 1] -> uint8 RGB, same shape plus 3. OpenCV's maps are BGR and are turned round."""
    shades = np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(shades, COLORMAPS[colormap]), cv2.COLOR_BGR2RGB)


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
    opacity: float = 0.5,
    colormap: str = DEFAULT_COLORMAP,
    smooth: bool = True,
    maximum: float | None = None,
    sureness: np.ndarray | None = None,
    threshold: float = 0.0,
) -> np.ndarray:
    """The heat map laid over its picture, uint8 [height, width, 3]; opacity 0 shows the picture alone.

    Args:
        sureness: [grid_h, grid_w] in [0, 1], see `sureness`: the opacity is multiplied by it.
        threshold: heat below this share of the maximum is not coloured; 0 colours all of it.
    """
    size = pixels.shape[1], pixels.shape[0]
    values = enlarge(normalise(heat, maximum), size, smooth)
    colour = colorize(values, colormap)
    if sureness is None and threshold <= 0:
        return cv2.addWeighted(colour, opacity, pixels, 1 - opacity, 0)
    share = np.full(values.shape, opacity, np.float32)
    if sureness is not None:
        share *= enlarge(sureness.astype(np.float32), size, smooth)
    if threshold > 0:
        share[values < threshold] = 0
    return cv2.blendLinear(colour, pixels, share, 1 - share)


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
    # Beyond the picture nothing is inside: an edge at the border is drawn, too.
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    edges, _ = cv2.findContours(framed, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))
    drawn, thick = pixels.copy(), max(1, round(max(height, width) / 400))
    cv2.drawContours(drawn, edges, -1, (0, 0, 0), 3 * thick)
    cv2.drawContours(drawn, edges, -1, colour, thick)
    return drawn


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
    font, title_font = ImageFont.load_default(20), ImageFont.load_default(28)
    caption_height, title_height = 34, 56 if title else 0
    scaled = [(caption, _to_width(picture, tile_width)) for caption, picture in tiles]
    rows = [scaled[i : i + columns] for i in range(0, len(scaled), columns)]
    heights = [max(tile.height for _, tile in row) + caption_height + margin for row in rows]
    width = min(columns, len(tiles)) * (tile_width + margin) + margin
    page = Image.new("RGB", (width, title_height + sum(heights) + margin), "white")
    draw = ImageDraw.Draw(page)
    draw.text((width / 2, margin), title, fill="black", font=title_font, anchor="ma")
    top = title_height + margin
    for row, height in zip(rows, heights, strict=True):
        for column, (caption, tile) in enumerate(row):
            left = margin + column * (tile_width + margin)
            draw.text((left + tile_width / 2, top), caption, fill="black", font=font, anchor="ma")
            page.paste(tile, (left, top + caption_height))
        top += height
    return np.asarray(page)


def _to_width(picture: np.ndarray, width: int) -> Image.Image:
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
