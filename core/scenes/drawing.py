"""Draw pictures of coloured shapes whose pixels are known, from a seeded generator."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

COLORS = ("red", "green", "blue", "yellow", "purple", "orange", "black", "white")
SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
CELLS = 9
"""Cells of the 3 x 3 raster of positions, numbered row by row from the top left."""
MAX_OBJECTS = 4
TOKEN_SIDE = 28
"""Pixels on each side of one visual token."""
GRIDS = ((6, 6), (6, 8), (8, 6), (7, 7), (8, 8), (7, 10), (10, 7), (9, 9), (9, 12), (12, 9), (8, 12), (12, 8))
"""Picture sizes as (height, width) in visual tokens."""
SMALL_GRIDS = GRIDS[:4]

_RGB = {
    "red": (214, 40, 38),
    "green": (44, 160, 60),
    "blue": (36, 84, 214),
    "yellow": (244, 216, 40),
    "purple": (142, 52, 176),
    "orange": (244, 134, 28),
    "black": (16, 16, 18),
    "white": (246, 246, 244),
}
_COLOR_JITTER = 14
_SUPERSAMPLING = 4
_DARK, _LIGHT = 100, 150
"""Backgrounds below the first value carry no black object, those above the second no white one."""


@dataclass(frozen=True)
class Thing:
    """One drawn object.

    Attributes:
        color: index into `COLORS`.
        shape: index into `SHAPES`.
        cell: position on the 3 x 3 raster, 0 (top left) to 8 (bottom right).
        mask: bool [height, width], the pixels that the object covers at least by half.
    """

    color: int
    shape: int
    cell: int
    mask: np.ndarray


@dataclass(frozen=True)
class Drawing:
    """A drawn picture and its objects in reading order; no two share a cell or both colour and shape."""

    image: Image.Image
    things: tuple[Thing, ...]


def compose(seed: int, objects: int | None = None, grid: tuple[int, int] | None = None) -> Drawing:
    """Draw the picture of a seed; the same arguments give the same pixels.

    Args:
        seed: seed of the numpy generator.
        objects: number of objects, 0 to 4; drawn by lot when None (one picture in twenty is empty).
        grid: (height, width) in visual tokens of 28 pixels; drawn by lot from `GRIDS` when None.

    Raises:
        ValueError: the number of objects is outside 0 to 4.
    """
    if objects is not None and not 0 <= objects <= MAX_OBJECTS:
        raise ValueError(f"objects must be between 0 and {MAX_OBJECTS}, not {objects}")
    rng = np.random.default_rng(seed)
    rows, columns = grid or GRIDS[rng.integers(len(GRIDS))]
    height, width = rows * TOKEN_SIDE, columns * TOKEN_SIDE
    if objects is None:
        objects = 0 if rng.random() < 0.05 else int(rng.integers(1, MAX_OBJECTS + 1))

    brightness = float(rng.uniform(30, 235))
    canvas = background(rng, height, width, brightness)
    looks = choose_looks(rng, objects, brightness)
    things = []
    cells = np.sort(rng.permutation(CELLS)[:objects])
    for (color, shape), cell in zip(looks, cells.tolist(), strict=True):
        coverage = cover(SHAPES[shape], choose_place(rng, cell, height, width), height, width)
        paint(canvas, coverage, choose_rgb(rng, color))
        things.append(Thing(color, shape, cell, coverage >= 0.5))
    return Drawing(Image.fromarray(as_pixels(canvas)), tuple(things))


def choose_looks(rng: np.random.Generator, objects: int, brightness: float) -> list[tuple[int, int]]:
    """Colour and shape of so many objects, no two alike, that a background of this brightness lets one see."""
    palette = [
        index
        for index, name in enumerate(COLORS)
        if not (name == "black" and brightness < _DARK) and not (name == "white" and brightness > _LIGHT)
    ]
    looks: list[tuple[int, int]] = []
    while len(looks) < objects:
        # A repeated colour or shape makes questions hard; chance alone gives too few of them.
        color = looks[0][0] if looks and rng.random() < 0.2 else int(rng.choice(palette))
        shape = looks[0][1] if looks and rng.random() < 0.2 else int(rng.integers(len(SHAPES)))
        if (color, shape) not in looks:
            looks.append((color, shape))
    return looks


def choose_rgb(rng: np.random.Generator, color: int) -> np.ndarray:
    """A shade of one of `COLORS`, float32 [3] from 0 to 255."""
    jitter = rng.integers(-_COLOR_JITTER, _COLOR_JITTER + 1, 3)
    return np.clip(np.array(_RGB[COLORS[color]]) + jitter, 0, 255).astype(np.float32)


def paint(canvas: np.ndarray, coverage: np.ndarray, rgb: np.ndarray) -> None:
    """Paint a covered part of a canvas, float32 [height, width, 3], in one colour."""
    canvas += coverage[..., None] * (rgb - canvas)


def as_pixels(canvas: np.ndarray) -> np.ndarray:
    """A canvas as uint8."""
    return np.rint(np.clip(canvas, 0, 255)).astype(np.uint8)


def background(rng: np.random.Generator, height: int, width: int, brightness: float) -> np.ndarray:
    """A nearly grey background as float32 [height, width, 3]: plain, gradient, cloudy or noisy."""
    base = (brightness + rng.uniform(-12, 12, 3)).astype(np.float32)
    canvas = np.broadcast_to(base, (height, width, 3)).copy()
    style = rng.integers(4)
    if style == 1:
        angle = rng.uniform(0, 2 * math.pi)
        slope_y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(math.sin(angle))
        slope_x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(math.cos(angle))
        canvas += ((slope_y + slope_x) * np.float32(rng.uniform(10, 25)))[..., None]
    elif style == 2:
        coarse = Image.fromarray(rng.normal(0, 14, (5, 5)).astype(np.float32))
        canvas += np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))[..., None]
    elif style == 3:
        spread = np.float32(rng.uniform(4, 12))
        canvas += spread * rng.standard_normal((height, width, 3), dtype=np.float32)
    return canvas


@dataclass(frozen=True)
class Place:
    """Where and how large an object is drawn: centre and radius in pixels, angle in radians."""

    y: float
    x: float
    radius: float
    angle: float


def choose_place(rng: np.random.Generator, cell: int, height: int, width: int) -> Place:
    """A place for an object so that it lies wholly inside its cell."""
    cell_height, cell_width = height / 3, width / 3
    radius = min(cell_height, cell_width) * rng.uniform(0.28, 0.44)
    row, column = divmod(cell, 3)
    slack_y, slack_x = cell_height / 2 - radius - 1, cell_width / 2 - radius - 1
    y = (row + 0.5) * cell_height + rng.uniform(-1, 1) * slack_y
    x = (column + 0.5) * cell_width + rng.uniform(-1, 1) * slack_x
    return Place(y, x, radius, rng.uniform(-0.25, 0.25))


def cover(shape: str, place: Place, height: int, width: int) -> np.ndarray:
    """Coverage of one object, float32 [height, width] in [0, 1]."""
    y, x, radius = place.y, place.x, place.radius
    fine = Image.new("L", (width * _SUPERSAMPLING, height * _SUPERSAMPLING))
    pen = ImageDraw.Draw(fine)
    if shape in ("circle", "ring"):
        _disc(pen, x, y, radius, 255)
        if shape == "ring":
            _disc(pen, x, y, 0.55 * radius, 0)
    else:
        cos, sin = math.cos(place.angle), math.sin(place.angle)
        corners = [
            (
                (x + radius * (cos * u - sin * v)) * _SUPERSAMPLING,
                (y + radius * (sin * u + cos * v)) * _SUPERSAMPLING,
            )
            for u, v in _outline(shape)
        ]
        pen.polygon(corners, fill=255)
    return np.asarray(fine.reduce(_SUPERSAMPLING), dtype=np.float32) / 255


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int) -> None:
    box = [(x - radius), (y - radius), (x + radius), (y + radius)]
    pen.ellipse([edge * _SUPERSAMPLING for edge in box], fill=fill)


def _outline(shape: str) -> list[tuple[float, float]]:
    """Corners of a shape inside the unit circle, y pointing down."""
    if shape == "square":
        side = math.sqrt(0.5)
        return [(-side, -side), (side, -side), (side, side), (-side, side)]
    if shape == "cross":
        arm, tip = 0.3, 0.95
        quarter = [(arm, -tip), (arm, -arm), (tip, -arm)]
        return [
            corner
            for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))
            for corner in ((c * u - s * v, s * u + c * v) for u, v in quarter)
        ]
    points, inner = (3, None) if shape == "triangle" else (5, 0.42)
    angles = [-math.pi / 2 + 2 * math.pi * k / points for k in range(points)]
    if inner is None:
        return [(math.cos(a), math.sin(a)) for a in angles]
    step = math.pi / points
    return [
        corner
        for a in angles
        for corner in (
            (math.cos(a), math.sin(a)),
            (inner * math.cos(a + step), inner * math.sin(a + step)),
        )
    ]
