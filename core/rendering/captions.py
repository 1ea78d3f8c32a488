"""A picture for a paper or a slide: what it shows is written under it, with a colour bar."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.rendering.fonts import find_font
from core.rendering.overlay import colorize
from core.schema.visible_text import visible
from core.schema.words import has_cjk

NARROWEST = 560
"""Width in pixels that a caption needs; a narrower picture gets margins."""
_MOST_LINES = 12


@dataclass(frozen=True)
class ColourBar:
    """What the colours of a map stand for.

    Attributes:
        colormap: a name of `core.rendering.overlay.COLORMAPS`.
        maximum: heat at its right end, 0 is at its left; None where it stands for several maps, each on its own scale.
        unit: of the heat.
        threshold: share of the maximum below which nothing is coloured.
    """

    colormap: str
    maximum: float | None
    unit: str
    threshold: float = 0.0


def with_caption(pixels: np.ndarray, lines: dict[str, str], bar: ColourBar | None = None) -> np.ndarray:
    """The picture with a caption below it, uint8 RGB; its own pixels stay as they are.

    Args:
        lines: heading -> text, drawn one below the other; long texts are wrapped, then cut.
        bar: drawn above the lines; None for none.
    """
    height, picture_width = pixels.shape[:2]
    width = max(picture_width, NARROWEST)
    size = max(14, min(72, round(width / 58)))
    margin, step = size, round(1.45 * size)
    written = [*lines, *lines.values(), *([] if bar is None else [bar.unit])]
    font = find_font(size, has_cjk("".join(written)))
    rows = [row for title, text in lines.items() for row in wrap(f"{title}: {visible(text)}", font, width - 2 * margin)]
    bar_height = 3 * step if bar is not None else 0
    page = Image.new("RGB", (width, height + bar_height + len(rows) * step + 2 * margin), "white")
    page.paste(Image.fromarray(pixels), ((width - picture_width) // 2, 0))
    draw, top = ImageDraw.Draw(page), height + margin
    if bar is not None:
        _draw_bar(page, bar, (margin, top), min(width - 2 * margin, 26 * size), step, font)
    for number, row in enumerate(rows):
        draw.text((margin, top + bar_height + number * step), row, fill="black", font=font)
    return np.asarray(page)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int, most: int = _MOST_LINES) -> list[str]:
    """The text in rows of at most `width` pixels, broken at blanks and, where a row has none, anywhere.

    At most `most` rows; the last one then ends in an ellipsis.
    """
    left, rows = " ".join(text.split()), []
    while left and len(rows) < most:
        # Chinese and Japanese have no blanks: whatever fits is a row.
        fits = _fitting(left, font, width)
        end = fits
        if fits < len(left) and left[fits] != " " and not has_cjk(left[fits - 1 : fits + 1]):
            end = left.rfind(" ", 1, fits) if " " in left[1:fits] else fits
        rows.append(left[:end].rstrip())
        left = left[end:].lstrip()
    if left:
        rows[-1] = rows[-1][: max(0, _fitting(rows[-1], font, width - round(font.getlength("…"))))].rstrip() + "…"
    return rows


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: int) -> int:
    """How many characters of the text, one at least, fit into the width."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.getlength(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _draw_bar(
    page: Image.Image, bar: ColourBar, at: tuple[int, int], width: int, step: int, font: ImageFont.FreeTypeFont
) -> None:
    left, top = at
    values = np.linspace(0, 1, width, dtype=np.float32)
    colours = colorize(values[None], bar.colormap)
    colours[0, values < bar.threshold] = 255  # as on the picture: nothing is coloured there
    page.paste(Image.fromarray(np.repeat(colours, step, 0)), (left, top))
    draw = ImageDraw.Draw(page)
    draw.rectangle((left, top, left + width - 1, top + step - 1), outline=(128, 128, 128))
    below = top + step + step // 5
    right = "maximum" if bar.maximum is None else f"{bar.maximum:.3g}"
    draw.text((left, below), "0", fill="black", font=font)
    draw.text((left + width / 2, below), bar.unit, fill="black", font=font, anchor="ma")
    draw.text((left + width, below), right, fill="black", font=font, anchor="ra")
