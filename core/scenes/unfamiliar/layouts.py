"""Pictures made by people for people: pages of text, screens and charts, each a float32 canvas [height, width, 3]."""

import string
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_LETTERS = np.array(list(string.ascii_letters + string.digits + ",.-"))


def _paper(rng: np.random.Generator, height: int, width: int) -> tuple[Image.Image, ImageDraw.ImageDraw, bool]:
    """A light or dark sheet, a pen, and whether it is dark."""
    dark = bool(rng.random() < 0.3)
    ground = rng.integers(8, 50, 3) if dark else rng.integers(225, 256, 3)
    sheet = Image.new("RGB", (width, height), tuple(map(int, ground)))
    return sheet, ImageDraw.Draw(sheet), dark


def _ink(rng: np.random.Generator, dark: bool) -> tuple[int, ...]:
    return tuple(map(int, rng.integers(190, 256, 3) if dark else rng.integers(0, 90, 3)))


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join("".join(rng.choice(_LETTERS, int(rng.integers(2, 9)))) for _ in range(count))


def page(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Lines of text."""
    sheet, pen, dark = _paper(rng, height, width)
    size = float(rng.uniform(8, 24))
    font, ink, y = ImageFont.load_default(size), _ink(rng, dark), float(rng.uniform(2, 20))
    while y < height:
        if rng.random() < 0.9:
            pen.text((float(rng.uniform(4, 16)), y), _words(rng, int(rng.integers(2, 14))), fill=ink, font=font)
        y += size * rng.uniform(1.2, 1.8)
    return np.asarray(sheet, np.float32)


def screen(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Bars, panels, buttons and some text, as on a computer's screen."""
    sheet, pen, dark = _paper(rng, height, width)
    bar = float(rng.uniform(12, 32))
    pen.rectangle([0, 0, width, bar], fill=tuple(map(int, rng.integers(0, 256, 3))))
    side = float(rng.uniform(0, width / 3))
    pen.rectangle([0, bar, side, height], fill=tuple(map(int, rng.integers(60, 240, 3))))
    font = ImageFont.load_default(float(rng.uniform(8, 13)))
    for _ in range(int(rng.integers(6, 20))):
        x, y = rng.uniform(0, width), rng.uniform(bar, height)
        box = [x, y, x + rng.uniform(20, width / 2), y + rng.uniform(8, height / 4)]
        fill = tuple(map(int, rng.integers(0, 256, 3))) if rng.random() < 0.4 else None
        pen.rounded_rectangle(box, 3, fill=fill, outline=_ink(rng, dark))
        pen.text((x + 3, y + 2), _words(rng, int(rng.integers(1, 4))), fill=_ink(rng, dark), font=font)
    return np.asarray(sheet, np.float32)


def chart(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Axes with bars or lines."""
    sheet, pen, dark = _paper(rng, height, width)
    ink, left, low = _ink(rng, dark), float(rng.uniform(10, 30)), height - float(rng.uniform(10, 30))
    pen.line([left, 6, left, low, width - 6, low], fill=ink, width=2)
    count = int(rng.integers(4, 12))
    x = np.linspace(left + 8, width - 14, count)
    for _ in range(int(rng.integers(1, 4))):
        y, fill = rng.uniform(10, low - 4, count), tuple(map(int, rng.integers(0, 220, 3)))
        if rng.random() < 0.5:
            pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=fill, width=3)
        else:
            for at, top in zip(x, y, strict=True):
                pen.rectangle([at - 4, top, at + 4, low], fill=fill)
    return np.asarray(sheet, np.float32)


LAYOUTS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {"page": page, "screen": screen}
HELD_OUT_LAYOUTS = {"chart": chart}
"""A kind of layout that no training run sees."""
