"""Draw short clips of coloured shapes that stay, move, appear and vanish, from a seeded generator.

A model of Qwen's kind sees frames in pairs; things change only from one pair, a time step, to the next.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.scenes.drawing import (
    CELLS,
    MAX_OBJECTS,
    SHAPES,
    TOKEN_SIDE,
    Drawing,
    Place,
    as_pixels,
    background,
    choose_looks,
    choose_place,
    choose_rgb,
    cover,
    paint,
)

FRAMES_PER_STEP = 2
MAX_STEPS = 8
USUAL_STEPS = 4
"""Time steps of the longest clip, and of the longest that are usually drawn; the shortest has two."""
CLIP_GRIDS = ((6, 6), (6, 8), (8, 6), (7, 7), (8, 8), (7, 10), (10, 7), (8, 12), (9, 12), (7, 14))
"""Frame sizes as (height, width) in visual tokens; large ones for short clips only."""
USUAL_TOKENS, MAX_TOKENS = 224, 432
"""Visual tokens, over all of its steps, of the largest usual clip and of the largest one."""
RATES = (1.0, 2.0, 2.0, 4.0)
"""Frames per second, the usual rate twice."""
ACTIONS = ("stay", "move", "appear", "vanish")
_ACTION_ODDS = (0.22, 0.32, 0.26, 0.2)
_SETTLED = 0.15
"""Share of its way that a moving object goes within the first and within the last step."""


@dataclass(frozen=True, eq=False)
class Actor:
    """One object of a clip, of T time steps.

    Attributes:
        color: index into `COLORS`.
        shape: index into `SHAPES`.
        cells: cell of the 3 x 3 raster in which its centre lies at each step, None where it is not there.
        masks: bool [T, height, width], the pixels that it covers at least by half in a frame of the step.
    """

    color: int
    shape: int
    cells: tuple[int | None, ...]
    masks: np.ndarray

    @cached_property
    def seen(self) -> tuple[int, ...]:
        """Steps in which it is there; they follow each other, and there is at least one."""
        return tuple(step for step, cell in enumerate(self.cells) if cell is not None)

    @property
    def cell(self) -> int:
        """The cell in which it is first seen."""
        cell = self.cells[self.seen[0]]
        assert cell is not None
        return cell

    @property
    def gone(self) -> int | None:
        """The first step in which it is no more, None where it stays."""
        after = self.seen[-1] + 1
        return after if after < len(self.cells) else None

    @property
    def moves(self) -> bool:
        """Whether it ends in another cell than it began in."""
        return self.cells[self.seen[-1]] != self.cell


@dataclass(frozen=True, eq=False)
class Clip:
    """A drawn clip and its objects, in reading order of where they are first seen.

    No two objects share colour and shape, and none crosses a cell that is ever another's.

    Attributes:
        frames: uint8 [n, height, width, 3]; two for each time step, or one alone for a still picture.
        rate: frames per second.
        drawn: whether it is a drawn scene; what is none has no things, though it may show some.
    """

    frames: np.ndarray
    rate: float
    things: tuple[Actor, ...]
    drawn: bool = True

    @property
    def is_picture(self) -> bool:
        """Whether it is a still picture."""
        return len(self.frames) == 1

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return max(1, len(self.frames) // FRAMES_PER_STEP)

    @property
    def times(self) -> np.ndarray:
        """Seconds of each frame from the beginning, float64 [n]."""
        return np.arange(len(self.frames)) / self.rate


def still(picture: Drawing) -> Clip:
    """A drawn picture as a clip of one step, which a model is shown as a picture."""
    things = tuple(Actor(thing.color, thing.shape, (thing.cell,), thing.mask[None]) for thing in picture.things)
    return Clip(np.asarray(picture.image)[None], 1.0, things)


def clip_grids(steps: int, tokens: int) -> tuple[tuple[int, int], ...]:
    """Frame sizes, in visual tokens, with which a clip of so many steps has at most so many tokens."""
    return tuple(grid for grid in CLIP_GRIDS if steps * grid[0] * grid[1] <= tokens)


def compose_clip(
    seed: int, objects: int | None = None, steps: int | None = None, grid: tuple[int, int] | None = None
) -> Clip:
    """Draw the clip of a seed; the same arguments give the same pixels.

    Args:
        seed: seed of the numpy generator.
        objects: number of objects, 0 to 4; drawn by lot when None (one clip in thirty is empty).
        steps: time steps of two frames each, 2 to `MAX_STEPS`; up to `USUAL_STEPS` are drawn by lot when None.
        grid: (height, width) of a frame in visual tokens of 28 pixels; drawn by lot when None.

    Raises:
        ValueError: the number of objects or of steps is out of range.
    """
    if objects is not None and not 0 <= objects <= MAX_OBJECTS:
        raise ValueError(f"objects must be between 0 and {MAX_OBJECTS}, not {objects}")
    if steps is not None and not 2 <= steps <= MAX_STEPS:
        raise ValueError(f"steps must be between 2 and {MAX_STEPS}, not {steps}")
    rng = np.random.default_rng([seed, 2])
    steps = steps or int(rng.integers(2, USUAL_STEPS + 1))
    grids = clip_grids(steps, USUAL_TOKENS if steps <= USUAL_STEPS else MAX_TOKENS)
    rows, columns = grid or grids[rng.integers(len(grids))]
    height, width = rows * TOKEN_SIDE, columns * TOKEN_SIDE
    if objects is None:
        objects = 0 if rng.random() < 1 / 30 else int(rng.integers(1, MAX_OBJECTS + 1))

    brightness = float(rng.uniform(30, 235))
    canvas = background(rng, height, width, brightness)
    frames = np.repeat(canvas[None], FRAMES_PER_STEP * steps, 0)
    if rng.random() < 0.3:  # the grain of a film, new in every frame
        frames += rng.normal(0, rng.uniform(1, 4), frames.shape).astype(np.float32)
    things, free = [], set(range(CELLS))
    for index, (color, shape) in enumerate(choose_looks(rng, objects, brightness)):
        path, there = _choose_action(rng, steps, free, objects - index - 1)
        free -= set(path)
        start = choose_place(rng, path[0], height, width)
        stop = replace(choose_place(rng, path[-1], height, width), radius=start.radius, angle=start.angle)
        stop = _inside(stop, path[-1], height, width) if len(path) > 1 else start
        rgb = choose_rgb(rng, color)
        things.append(_act(frames, (color, shape), rgb, start, stop, there))
    things.sort(key=lambda thing: thing.cell)
    return Clip(as_pixels(frames), float(RATES[rng.integers(len(RATES))]), tuple(things))


def _choose_action(rng: np.random.Generator, steps: int, free: set[int], waiting: int) -> tuple[tuple[int, ...], range]:
    """The cells that an object goes through, and the steps in which it is there; each one waiting gets a cell."""
    action = ACTIONS[rng.choice(len(ACTIONS), p=_ACTION_ODDS)]
    paths = [path for path in _PATHS if free.issuperset(path) and len(path) + waiting <= len(free)]
    if action == "move" and paths:
        return paths[rng.integers(len(paths))], range(steps)
    cells = sorted(free)
    path = (cells[rng.integers(len(cells))],)
    change = int(rng.integers(1, steps))
    if action == "appear":
        return path, range(change, steps)
    return path, range(change) if action == "vanish" else range(steps)


def _straight_paths() -> tuple[tuple[int, ...], ...]:
    """Every way of two or three cells along a row or a column."""
    lines = [tuple(3 * row + column for column in range(3)) for row in range(3)]
    lines += [tuple(3 * row + column for row in range(3)) for column in range(3)]
    ways = [way for line in lines for way in (line, line[:2], line[1:])]
    return tuple(way for path in ways for way in (path, path[::-1]))


_PATHS = _straight_paths()


def _inside(place: Place, cell: int, height: int, width: int) -> Place:
    """The place moved as little as is needed for its object to lie wholly inside its cell."""
    row, column = divmod(cell, 3)
    margin = place.radius + 1
    y = float(np.clip(place.y, row * height / 3 + margin, (row + 1) * height / 3 - margin))
    x = float(np.clip(place.x, column * width / 3 + margin, (column + 1) * width / 3 - margin))
    return replace(place, y=y, x=x)


def _act(frames: np.ndarray, look: tuple[int, int], rgb: np.ndarray, start: Place, stop: Place, there: range) -> Actor:
    """Paint one object into the frames, float32 [n, height, width, 3], of the steps in which it is there."""
    count, height, width, _ = frames.shape
    way = np.interp(np.arange(count), [0, 1, count - 2, count - 1], [0, _SETTLED, 1 - _SETTLED, 1])
    masks = np.zeros((count // FRAMES_PER_STEP, height, width), bool)
    cells: list[int | None] = [None] * len(masks)
    coverage = cover(SHAPES[look[1]], start, height, width)
    for step in there:
        span = range(FRAMES_PER_STEP * step, FRAMES_PER_STEP * (step + 1))
        for frame in span:
            if stop is not start:
                y, x = (
                    getattr(start, axis) + way[frame] * (getattr(stop, axis) - getattr(start, axis)) for axis in "yx"
                )
                coverage = cover(SHAPES[look[1]], replace(start, y=float(y), x=float(x)), height, width)
            paint(frames[frame], coverage, rgb)
            masks[step] |= coverage >= 0.5
        middle = float(np.mean(way[span.start : span.stop]))
        row, column = (
            int((getattr(start, axis) + middle * (getattr(stop, axis) - getattr(start, axis))) * 3 / size)
            for axis, size in (("y", height), ("x", width))
        )
        cells[step] = 3 * row + column
    return Actor(*look, tuple(cells), masks)
