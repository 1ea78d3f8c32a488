"""Where the heat of a map lies in the picture: centre, spread, peak, connected hot regions.

Picture coordinates: x from 0 at the left to 1 at the right edge, y from 0 at the top to 1 at the bottom, whatever
the picture's size, so that runs on different grids can be compared. Everything takes [..., grid_h, grid_w].
"""

import cv2
import numpy as np

from core.heatmap import cell_centres, distribution, on_grid

HOT = 0.5
"""A cell is hot from this share of its map's maximum on: the half-maximum that "full width at half maximum" uses."""


def centre(heat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre of mass (x, y), each in (0, 1): sum of p times the cells' centres. A blank map: (0.5, 0.5)."""
    p, (x, y) = distribution(heat), cell_centres(heat.shape[-2:])
    return p @ x, p @ y


def spread(heat: np.ndarray) -> np.ndarray:
    """Root mean square distance of the heat from its centre of mass, sqrt(var x + var y), in [0, sqrt(1/2)].

    0 for one cell; about 0.41 for an even map (two uniform variances of 1/12), and so for a blank one.
    """
    p, (x, y) = distribution(heat), cell_centres(heat.shape[-2:])
    around = [(p * (at - (p @ at)[..., None]) ** 2).sum(-1) for at in (x, y)]
    return np.sqrt(around[0] + around[1])


def peak(heat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, heat) of the hottest cell, the first in reading order of equal ones; heat as it was measured.

    A map that is the same everywhere, blank included, has no peak: it is put at (0.5, 0.5).
    """
    heat = np.asarray(heat, np.float64)
    cells = heat.reshape(*heat.shape[:-2], -1)
    at, value = cells.argmax(-1), np.clip(cells.max(-1), 0, None)
    flat = (distribution(heat).max(-1) - distribution(heat).min(-1)) <= 0
    x, y = cell_centres(heat.shape[-2:])
    return np.where(flat, 0.5, x[at]), np.where(flat, 0.5, y[at]), value


def hot_regions(heat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(how many connected hot regions there are, the largest one's share of all cells), float64 [...] each.

    Hot cells have at least `HOT` of the map's maximum; cells that touch at an edge or a corner are connected.
    A map that is the same everywhere, blank included, is one region of all cells: (1, 1).
    """
    p = distribution(heat)
    hot = (p >= HOT * p.max(-1, keepdims=True)).astype(np.uint8).reshape(-1, *heat.shape[-2:])
    found = []
    for each in hot:
        count, _, about, _ = cv2.connectedComponentsWithStats(each, connectivity=8)
        found.append((count - 1, about[1:, cv2.CC_STAT_AREA].max() / each.size))  # the first is what is not hot
    numbers = np.array(found, np.float64).reshape(*heat.shape[:-2], 2)
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
