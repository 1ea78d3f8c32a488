"""Maps that know nothing of the picture: what every measure gives for them, on the same masks."""

import numpy as np

from core.evaluation.trust.deletion import CENTRE_SIGMA
from core.heatmap import cell_centres

BLIND: dict[str, str] = {
    "uniform": "the same heat everywhere",
    "random": "heat drawn anew for every cell",
    "centre": "heat that falls off from the middle of the picture, where photographers put what matters",
}
"""Name -> what it is."""
DRAWS = 2
"""Random maps of each object, whose mean counts: over many objects it evens out."""


def blind_maps(grid: tuple[int, int], seed: int) -> dict[str, np.ndarray]:
    """Maps by name, float64 [maps, grid_h, grid_w]; equal seeds give equal maps.

    The centre's is a Gaussian with a sigma of a quarter of the side, as of `core.evaluation.trust.deletion`.
    """
    x, y = ((each - 0.5) / CENTRE_SIGMA for each in cell_centres(grid))
    centre = np.exp(-(x**2 + y**2) / 2).reshape(1, *grid)
    random = np.random.default_rng([seed, 2]).random((DRAWS, *grid))
    return {"uniform": np.ones((1, *grid)), "random": random, "centre": centre}
