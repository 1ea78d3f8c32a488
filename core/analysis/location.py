"""Where the heat of a map lies in the picture: centre, spread, peak, connected hot regions.

Picture coordinates: x from 0 at the left to 1 at the right edge, y from 0 at the top to 1 at the bottom, whatever
the picture's size, so that runs on different grids can be compared. Everything takes [..., grid_h, grid_w]; with
`axes=3` [..., time, grid_h, grid_w], a video's maps: where in the picture their heat lies, whenever. When it lies there
says `core.analysis.time`.
"""

import cv2
import numpy as np

from core.heatmap import Axes, cell_centres, distribution, on_grid

HOT = 0.5
"""A cell is hot from this share of its map's maximum on: the half-maximum that "full width at half maximum" uses."""


def centre(heat: np.ndarray, axes: Axes = 2) -> tuple[np.ndarray, np.ndarray]:
    """Centre of mass (x, y), each in (0, 1): sum of p times the cells' centres. A blank map: (0.5, 0.5)."""
    p, (x, y) = _in_picture(heat, axes), cell_centres(heat.shape[-2:])
    return p @ x, p @ y


def spread(heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
    """Root mean square distance of the heat from its centre of mass, sqrt(var x + var y), in [0, sqrt(1/2)].

    0 for one cell; about 0.41 for an even map (two uniform variances of 1/12), and so for a blank one.
    """
    p, (x, y) = _in_picture(heat, axes), cell_centres(heat.shape[-2:])
    around = [(p * (at - (p @ at)[..., None]) ** 2).sum(-1) for at in (x, y)]
    return np.sqrt(around[0] + around[1])


def peak(heat: np.ndarray, axes: Axes = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, heat) of the hottest cell, the first in reading order of equal ones; heat as it was measured.

    A map that is the same everywhere, blank included, has no peak: it is put at (0.5, 0.5).
    """
    heat = np.asarray(heat, np.float64)
    cells = heat.reshape(*heat.shape[:-axes], -1)
    at, value = cells.argmax(-1), np.clip(cells.max(-1), 0, None)
    p = distribution(heat, axes)
    flat = (p.max(-1) - p.min(-1)) <= 0
    x, y = cell_centres(heat.shape[-2:])
    at = at % len(x)  # the cell, in whichever step of a video
    return np.where(flat, 0.5, x[at]), np.where(flat, 0.5, y[at]), value


def hot_regions(heat: np.ndarray, axes: Axes = 2) -> tuple[np.ndarray, np.ndarray]:
    """(how many connected hot regions there are, the largest one's share of all cells), float64 [...] each.

    Hot cells have at least `HOT` of the map's maximum; cells that touch at an edge or a corner are connected, in a
    video those of steps that follow each other, too: what moves by no more than a cell a step is one region. A map that
    is the same everywhere, blank included, is one region of all cells: (1, 1).
    """
    p = distribution(heat, axes)
    steps = 1 if axes == 2 else heat.shape[-3]
    hot = (p >= HOT * p.max(-1, keepdims=True)).astype(np.uint8).reshape(-1, steps, *heat.shape[-2:])
    found = [(len(sizes), max(sizes) / each.size) for each in hot for sizes in [_region_sizes(each)]]
    numbers = np.array(found, np.float64).reshape(*heat.shape[:-axes], 2)
    return numbers[..., 0], numbers[..., 1]


def hottest_cells(heat: np.ndarray, grid: tuple[int, int], share: float = 0.5) -> tuple[tuple[int, int], ...]:
    """The fewest cells that hold a share of a map's heat, as (row, column) in reading order.

    Args:
        heat: [grid_h, grid_w], on any grid.
        grid: (rows, columns) of the cells that are wanted; each has the heat that lies in it.
        share: of all heat, above 0 and below 1.

    Returns:
        At least one cell. Of a map that is the same everywhere, blank included, that share of all cells.
    """
    p = distribution(on_grid(np.asarray(heat)[None], grid))[0]
    order = np.argsort(-p, kind="stable")
    count = int(np.searchsorted(np.cumsum(p[order]), share * (1 - 1e-9))) + 1
    return tuple((int(cell) // grid[1], int(cell) % grid[1]) for cell in np.sort(order[:count]))


def _in_picture(heat: np.ndarray, axes: Axes) -> np.ndarray:
    """Heat as probabilities over the cells of the picture, float64 [..., cells]; of a video, summed over time."""
    p = distribution(heat, axes)
    return p if axes == 2 else p.reshape(*heat.shape[:-2], -1).sum(-2)


def _region_sizes(hot: np.ndarray) -> list[int]:
    """Cells of each connected region of what is 1 in uint8 [time, grid_h, grid_w]."""
    labels, count = np.zeros(hot.shape, np.int64), 0
    for step, each in enumerate(hot):
        more, found = cv2.connectedComponents(each, connectivity=8)
        labels[step] = np.where(found > 0, found + count, 0)
        count += more - 1  # the first is what is not hot
    parents = list(range(count + 1))

    def root(label: int) -> int:
        while parents[label] != label:
            label = parents[label]
        return label

    rows, columns = hot.shape[1:]
    framed = np.pad(labels, ((0, 0), (1, 1), (1, 1)))
    for before, after in zip(labels, framed[1:], strict=False):
        for down, across in np.ndindex(3, 3):
            there = after[down : down + rows, across : across + columns]
            both = (before > 0) & (there > 0)
            for one, other in np.unique(np.stack([before[both], there[both]], -1), axis=0):
                parents[root(one)] = root(other)
    cells = np.bincount(labels.ravel(), minlength=count + 1)
    sizes: dict[int, int] = {}
    for label in range(1, count + 1):
        sizes[root(label)] = sizes.get(root(label), 0) + int(cells[label])
    return list(sizes.values())
