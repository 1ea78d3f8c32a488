"""Draw a picture or a clip that is no drawn scene, of things for training or of those held out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.scenes.clips import FRAMES_PER_STEP, Clip
from core.scenes.drawing import as_pixels
from core.scenes.unfamiliar.layouts import HELD_OUT_LAYOUTS, LAYOUTS
from core.scenes.unfamiliar.photographs import crop
from core.scenes.unfamiliar.textures import HELD_OUT_TEXTURES, TEXTURES

STYLES = {**TEXTURES, **LAYOUTS}
HELD_OUT_STYLES = {**STYLES, **HELD_OUT_TEXTURES, **HELD_OUT_LAYOUTS}
_PHOTOGRAPHS = 0.4
"""Share of photographs, where there are any."""
_PAN = 24
"""Pixels that a clip's view goes over its picture at most."""


def unfamiliar(
    rng: np.random.Generator,
    height: int,
    width: int,
    photographs: Sequence[Path] = (),
    *,
    style: str | None = None,
    steps: int = 1,
    rate: float = 2.0,
) -> Clip:
    """A picture, or with more steps a clip, that is no drawn scene; it has no things.

    Args:
        photographs: files to take crops of.
        style: one of `HELD_OUT_STYLES`, or "photograph"; drawn by lot from photographs and `STYLES` when None.
        steps: time steps of two frames each; 1 for a still picture.
    """
    if style is None:
        names = tuple(STYLES)
        style = "photograph" if photographs and rng.random() < _PHOTOGRAPHS else names[rng.integers(len(names))]

    def canvas(tall: int, wide: int) -> np.ndarray:
        if style == "photograph":
            return crop(rng, photographs[rng.integers(len(photographs))], tall, wide)
        return HELD_OUT_STYLES[style](rng, tall, wide)

    if steps == 1:
        return Clip(as_pixels(canvas(height, width))[None], rate, (), drawn=False)
    count = FRAMES_PER_STEP * steps
    wide = as_pixels(canvas(height + _PAN, width + _PAN))
    start, stop = rng.integers(0, _PAN + 1, (2, 2))
    views = np.rint(np.linspace(start, stop, count)).astype(int)
    return Clip(np.stack([wide[y : y + height, x : x + width] for y, x in views]), rate, (), drawn=False)
