"""Photographs that Python packages ship, found where the packages lie, and crops of them.

The project ships none of them. Those of `PACKAGES` can be put into a folder of their own without what they need
otherwise: `pip install --no-deps --target FOLDER ...`. All pictures of one scene, and all crops of it, are on the same
side of the split.
"""

import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

PACKAGES = ("scikit-image", "scikit-learn", "gradio", "ultralytics", "matplotlib")
"""Packages that ship the photographs below."""

TRAINING_PHOTOGRAPHS = (
    *(
        f"skimage/data/{name}"
        for name in (
            *("astronaut.png", "camera.png", "coffee.png", "brick.png", "gravel.png", "cell.png", "coins.png"),
            *("color.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "page.png", "motorcycle_left.png"),
            *("motorcycle_right.png", "text.png", "rocket.jpg", "logo.png"),
        )
    ),
    "sklearn/datasets/images/flower.jpg",
    *(f"gradio/media_assets/images/{name}" for name in ("cheetah.jpg", "cheetah1.jpg", "groot.jpeg", "tower.jpg")),
    "gradio/test_data/cheetah2.jpg",
    "ultralytics/assets/bus.jpg",
)
HELD_OUT_PHOTOGRAPHS = (
    *(f"skimage/data/{name}" for name in ("chelsea.png", "moon.png", "grass.png", "retina.jpg", "clock_motion.png")),
    "sklearn/datasets/images/china.jpg",
    "gradio/media_assets/images/lion.jpg",
    "gradio/media_assets/images/screenshot.gif",
    "ultralytics/assets/zidane.jpg",
    "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
)
"""Photographs that no training run sees."""

_LARGEST = 640
"""Longer side to which photographs are brought, so that a crop shows things rather than grain."""
_TRIES, _EVEN = 12, 20.0
"""How often another part is looked for where one is nearly even, such as sky: it could be a scene without objects."""


def find(names: Iterable[str], folders: Iterable[Path] = ()) -> list[Path]:
    """Those of the photographs that are there, in the folders given or where Python looks for packages."""
    places = [*map(Path, folders), *map(Path, sys.path)]
    found = (next((place / name for place in places if (place / name).is_file()), None) for name in names)
    return [path for path in found if path is not None]


def crop(rng: np.random.Generator, path: Path, height: int, width: int) -> np.ndarray:
    """A random part of a photograph, its colours, sharpness and direction varied; float32 [height, width, 3]."""
    whole = _read(path)
    for _ in range(_TRIES):
        # The largest box of these proportions, made smaller by lot.
        scale = rng.uniform(0.35, 1.0) * min(whole.width / width, whole.height / height)
        box_width, box_height = width * scale, height * scale
        left, top = rng.uniform(0, whole.width - box_width), rng.uniform(0, whole.height - box_height)
        box = (left, top, left + box_width, top + box_height)
        part = whole.resize((width, height), Image.Resampling.BILINEAR, box=box)
        if np.std(part) >= _EVEN:
            break
    if rng.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.3:
        part = part.rotate(float(rng.uniform(-20, 20)), Image.Resampling.BILINEAR)
    for enhance in (ImageEnhance.Color, ImageEnhance.Brightness, ImageEnhance.Contrast):
        part = enhance(part).enhance(float(rng.uniform(0.6, 1.4)))
    if rng.random() < 0.2:
        part = part.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 2.5))))
    pixels = np.asarray(part, np.float32)
    return pixels[..., rng.permutation(3)] if rng.random() < 0.3 else pixels


@lru_cache(maxsize=64)
def _read(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        opened = picture.convert("RGBA")
    ground = Image.new("RGBA", opened.size, "white")
    ground.alpha_composite(opened)
    ground.thumbnail((_LARGEST, _LARGEST))
    return ground.convert("RGB")
