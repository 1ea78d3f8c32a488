"""Textures: noise, stripes, checks, blobs, plain colours and gradients, each a float32 canvas [height, width, 3].

The backgrounds of drawn scenes are nearly grey and nearly even (see `core.scenes.drawing.background`); all of these
are far more coloured or far more uneven, so that a scene without objects remains one.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

Canvas = np.ndarray


def _vivid(rng: np.random.Generator) -> np.ndarray:
    """A colour far from grey: its channels lie at least 70 apart."""
    while True:
        rgb = rng.uniform(0, 255, 3)
        if rgb.max() - rgb.min() >= 70:
            return rgb.astype(np.float32)


def _two_colors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two colours, one of them vivid, that differ by at least 90 in a channel."""
    while True:
        one, other = _vivid(rng), rng.uniform(0, 255, 3).astype(np.float32)
        if np.abs(one - other).max() >= 90:
            return one, other


def _mix(rng: np.random.Generator, share: np.ndarray) -> Canvas:
    """Two colours mixed by a share from 0 to 1, [height, width]."""
    one, other = _two_colors(rng)
    return (one + share[..., None].astype(np.float32) * (other - one)).astype(np.float32)


def _directions(rng: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Two orthogonal coordinates in pixels, turned by a random angle."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    return y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)


def spectrum(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Noise whose amplitude falls as a power of frequency, as photographs' does, with channels that go together."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1
    falling = frequency ** -rng.uniform(0.6, 1.7)
    falling[0, 0] = 0
    fields = [
        np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) * falling, (height, width)) for _ in "rgb"
    ]
    stacked = np.stack(fields, -1)
    stacked /= stacked.std()
    together = rng.uniform(0.2, 0.9)
    mixed = together * stacked[..., :1] + (1 - together) * stacked
    mixed /= mixed.std()
    tint = rng.uniform(-35, 35, 3)
    return (rng.uniform(80, 170) + tint + rng.uniform(35, 65) * mixed).astype(np.float32)


def noise(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Strong noise, grey or coloured, of single pixels or of coarser grains."""
    grain = int(rng.choice([1, 1, 2, 4, 8]))
    channels = int(rng.choice([1, 3]))
    fine = rng.normal(rng.uniform(90, 165), rng.uniform(40, 90), (-(-height // grain), -(-width // grain), channels))
    return np.broadcast_to(fine.repeat(grain, 0).repeat(grain, 1)[:height, :width], (height, width, 3)).astype(
        np.float32
    )


def stripes(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Stripes at an angle, soft or hard."""
    along, _ = _directions(rng, height, width)
    wave = np.sin(along * 2 * np.pi / rng.uniform(6, 60) + rng.uniform(0, 6))
    return _mix(rng, (wave > 0) if rng.random() < 0.5 else (wave + 1) / 2)


def checks(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """A chessboard, straight or turned."""
    along, across = _directions(rng, height, width)
    if rng.random() < 0.5:
        along, across = np.mgrid[:height, :width].astype(np.float32)
    side = rng.uniform(7, 40)
    return _mix(rng, (np.floor(along / side) + np.floor(across / side)) % 2)


def blobs(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Large soft clouds of strong colours."""
    coarse = rng.uniform(0, 1, (int(rng.integers(3, 9)), int(rng.integers(3, 9)), 3))
    return _enlarged((coarse * 255).astype(np.uint8), height, width)


def plain(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """One vivid colour."""
    return np.broadcast_to(_vivid(rng), (height, width, 3)).astype(np.float32)


def gradient(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """From one colour to another."""
    along, _ = _directions(rng, height, width)
    along -= along.min()
    return _mix(rng, along / along.max())


def waves(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Circles around a point, like those on water."""
    y, x = np.mgrid[:height, :width]
    far = np.hypot(y - rng.uniform(0, height), x - rng.uniform(0, width))
    return _mix(rng, (np.sin(far * 2 * np.pi / rng.uniform(8, 40)) + 1) / 2)


def clutter(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Dozens of overlapping polygons and ellipses of any size and colour."""
    picture = Image.new("RGB", (width, height), tuple(map(int, rng.integers(0, 256, 3))))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(14, 60))):
        middle, size = rng.uniform(0, [width, height]), rng.uniform(8, 0.5 * min(height, width))
        fill = tuple(map(int, rng.integers(0, 256, 3)))
        if rng.random() < 0.4:
            corner = np.abs(rng.normal(size / 2, size / 4, 2)) + 1
            pen.ellipse([*(middle - corner), *(middle + corner)], fill=fill)
        else:
            points = middle + rng.uniform(-size / 2, size / 2, (int(rng.integers(3, 7)), 2))
            pen.polygon([tuple(point) for point in points], fill=fill)
    return np.asarray(picture, np.float32)


def mosaic(rng: np.random.Generator, height: int, width: int) -> Canvas:
    """Patches of one colour each, all that is nearest to one of many points."""
    points = rng.uniform(0, [height, width], (int(rng.integers(12, 50)), 2))
    y, x = np.mgrid[:height, :width]
    nearest = np.argmin([np.square(y - point[0]) + np.square(x - point[1]) for point in points], 0)
    return rng.uniform(0, 255, (len(points), 3)).astype(np.float32)[nearest]


def _enlarged(coarse: np.ndarray, height: int, width: int) -> Canvas:
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), np.float32)


TEXTURES: dict[str, Callable[[np.random.Generator, int, int], Canvas]] = {
    "spectrum": spectrum,
    "noise": noise,
    "stripes": stripes,
    "checks": checks,
    "blobs": blobs,
    "plain": plain,
    "gradient": gradient,
    "waves": waves,
    "clutter": clutter,
}
HELD_OUT_TEXTURES = {"mosaic": mosaic}
"""A kind of texture that no training run sees."""
