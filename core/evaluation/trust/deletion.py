"""Deletion and insertion without the model: which cells are removed when, and what a score's curve says.

Cells are removed in the order of their heat and the model's score is watched (Samek et al. 2017; Petsiuk
et al. 2018, RISE, arXiv:1806.07421). Deletion removes the hottest first: the smaller the area under the
curve, the better the map. Insertion adds the hottest to a blank picture; read backwards that is removing
the coolest first, a ranking reversed (`rankings[:, ::-1]`), and the greater the area the better. So every
curve here runs from the full picture to the blank one. Random and centre-weighted orders tell what a map
is worth that knows nothing of the picture.
"""

import numpy as np

CENTRE_SIGMA = 0.25


def ranking(heat: np.ndarray, seed: int = 0) -> np.ndarray:
    """Cells from the hottest to the coolest.

    Equal cells come in random order, the same for equal seeds: reading order would favour the top of
    the picture. NaN and infinite heat count as 0.

    Args:
        heat: [height, width].

    Returns:
        int64 [cells], indices into the flattened map.
    """
    heat = np.asarray(heat, np.float64).ravel()
    heat = np.where(np.isfinite(heat), heat, 0)
    shuffled = np.random.default_rng(seed).permutation(heat.size)
    return shuffled[np.argsort(-heat[shuffled], kind="stable")]


def random_rankings(cells: int, count: int, seed: int = 0) -> np.ndarray:
    """`count` orders in which every order is as likely: int64 [count, cells]."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(cells), (count, 1)), axis=1)


def centre_rankings(grid: tuple[int, int], count: int, seed: int = 0) -> np.ndarray:
    """`count` random orders that prefer the centre, where photographers put what matters.

    Cells are drawn one after another without replacement, weighted by a Gaussian around the centre with a
    sigma of a quarter of the side, height and width each. Drawn at once: sorting log weight + Gumbel noise
    is the same distribution (Yellott 1977; Kool et al. 2019, arXiv:1903.06059).

    Args:
        grid: (height, width) in cells.

    Returns:
        int64 [count, cells].
    """
    rows, columns = (((np.arange(side) + 0.5) / side - 0.5) / CENTRE_SIGMA for side in grid)
    log_weight = -(rows[:, None] ** 2 + columns**2).ravel() / 2
    noise = np.random.default_rng(seed).gumbel(size=(count, log_weight.size))
    return np.argsort(-(log_weight + noise), axis=1)


def steps(cells: int, count: int) -> np.ndarray:
    """How many cells are removed at each step, from none to all, evenly spread.

    Args:
        cells: of the map.
        count: steps after the first; of fewer cells than that, one step each.

    Returns:
        int64 [min(count, cells) + 1], strictly increasing.

    Raises:
        ValueError: no cell or no step.
    """
    if cells < 1 or count < 1:
        raise ValueError(f"{cells} cells cannot be removed in {count} steps; both must be at least 1")
    count = min(count, cells)
    return np.arange(count + 1, dtype=np.int64) * cells // count


def masks(rankings: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """What is removed at each step.

    Args:
        rankings: int64 [rankings, cells], the cells in their order of removal.
        steps: int64 [steps], how many of them.

    Returns:
        bool [rankings, steps, cells], True where the cell is removed.
    """
    position = np.argsort(rankings, axis=-1)  # of each cell in the order
    return position[:, None, :] < np.asarray(steps)[:, None]


def area(curve: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Area under a score over the fraction of cells removed, by trapezoids.

    Args:
        curve: [..., steps], scores.
        fractions: [steps], increasing from 0 to 1.

    Returns:
        float64 [...].
    """
    return np.trapezoid(np.asarray(curve, np.float64), np.asarray(fractions, np.float64), axis=-1)
