"""What transparent parts of a picture are laid on."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from core.inputs.strips import strips_of

VANISHING = 224
"""Luminance, 0 to 255, from which on a colour is hardly seen on white."""
DARK = 32
"""Luminance up to which a colour is hardly seen on black."""
VANISHING_SHARE = 0.5
"""Of what is visible, weighted by alpha: from this share on, a drawing is laid on black, not to vanish on white ..."""
DARK_SHARE = 0.02
"""... unless more than this share would vanish on black."""

_LOOKED_AT = 4_000_000  # pixels; of larger pictures, evenly spread ones stand for all


@dataclass(frozen=True)
class Ground:
    """What a picture is laid on.

    Attributes:
        colour: None where nothing is transparent.
        note: for people; "" for none.
    """

    colour: Literal["white", "black"] | None
    note: str = ""


def ground_of(image: Image.Image) -> Ground:
    """White, as on paper, unless the drawing would vanish on it."""
    if not image.has_transparency_data:
        return Ground(None)
    visible, least, most = np.zeros(256), 255, 0
    step = math.isqrt(image.width * image.height // _LOOKED_AT) + 1
    for _, strip in strips_of(image):
        rgba = as_rgba(strip)
        low, high = rgba.getchannel("A").getextrema()
        least, most = min(least, low), max(most, high)
        looked_at = Image.fromarray(np.asarray(rgba)[::step, ::step])
        luminance = np.asarray(looked_at.convert("RGB").convert("L")).ravel()
        visible += np.bincount(luminance, weights=np.asarray(looked_at)[..., 3].ravel(), minlength=256)
    if least == 255:
        return Ground(None)
    if not most:
        return Ground("white", "The picture is entirely transparent: the model is shown nothing but white.")
    total = visible.sum()
    light, dark = visible[VANISHING:].sum(), visible[: DARK + 1].sum()
    if total and light >= VANISHING_SHARE * total and dark <= DARK_SHARE * total:
        return Ground("black", "Transparent parts were laid on black: most of the drawing would vanish on white.")
    return Ground("white", "Transparent parts were laid on white.")


def as_rgba(image: Image.Image) -> Image.Image:
    """As RGBA, of any mode that has transparency."""
    if image.mode == "La":
        image = image.convert("LA")
    return image if image.mode == "RGBA" else image.convert("RGBA")


def laid_on(image: Image.Image, colour: str) -> Image.Image:
    """RGB: hidden colours under transparent pixels are gone."""
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), as_rgba(image)).convert("RGB")
