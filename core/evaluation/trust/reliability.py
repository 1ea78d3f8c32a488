"""How reliable a map is: would other noise samples have given the same one?

Two halves of a run's samples, made into maps of their own, are compared by rank. By classical test theory
(Spearman 1910; Brown 1910) their agreement tells how reliable all samples together are, and how many
would be enough. Exact for Pearson correlation and samples that are equally noisy; by rank a good guide.
"""

import numpy as np

from core.heatmap import rank_correlation


def split_half(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Rank correlation between the maps of two halves of the samples.

    Args:
        first: [maps, height, width], each the mean over one half.
        second: same shape, over the other half.

    Returns:
        float64 [maps], in [-1, 1]; 0 where a map is constant.

    Raises:
        ValueError: the shapes differ.
    """
    if np.shape(first) != np.shape(second):
        raise ValueError(f"halves of shapes {np.shape(first)} and {np.shape(second)} do not belong together")
    return np.array([rank_correlation(a, b) for a, b in zip(first, second, strict=True)], np.float64)


def spearman_brown(r: np.ndarray | float) -> np.ndarray:
    """Reliability of all samples from the correlation r of their halves: 2 r / (1 + r), and 0 for r <= 0.

    Reliability is the correlation to expect with a map of as many other samples.

    Args:
        r: [...], from `split_half`.

    Returns:
        float64 [...], in [0, 1].
    """
    r = np.clip(np.asarray(r, np.float64), 0, None)
    return 2 * r / (1 + r)


def samples_needed(r: np.ndarray | float, samples: int, wanted: float = 0.95) -> np.ndarray:
    """How many samples give the reliability `wanted`, by the Spearman-Brown prophecy formula.

    ceil(samples / 2 * wanted (1 - r) / (r (1 - wanted))), at least 1.

    Args:
        r: [...], correlation between two halves, from `split_half`.
        samples: in both halves together.
        wanted: in (0, 1).

    Returns:
        float64 [...], whole numbers; inf where r <= 0, as nothing was found to build on.

    Raises:
        ValueError: `wanted` outside (0, 1): no number of samples is perfectly reliable.
    """
    if not 0 < wanted < 1:
        raise ValueError(f"wanted reliability {wanted} must lie between 0 and 1, as 0.95 does")
    r = np.asarray(r, np.float64)
    found = r > 0
    known = np.where(found, r, 1)
    needed = samples / 2 * wanted * (1 - known) / (known * (1 - wanted))
    # A whole number that floats miss by a hair must not become the next one.
    return np.where(found, np.maximum(np.ceil(needed * (1 - 1e-12)), 1), np.inf)[()]


def relative_error(stderr: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Standard error of a map's typical cell, as a share of the map's hottest cell.

    median over cells of stderr / max over cells of heat: 0.02 means that the colours of half of the cells
    are good to 2 % of the colour scale (one standard error). To be read with `split_half`: a map of one
    hot cell may have a small error and yet no order among the other cells.

    Args:
        stderr: [..., height, width], standard error of the mean heat.
        heat: same shape, mean heat, not negative.

    Returns:
        float64 [...]; 0 for a blank map, NaN where the error or the heat is not known.

    Raises:
        ValueError: the shapes differ.
    """
    if np.shape(stderr) != np.shape(heat):
        raise ValueError(f"standard error {np.shape(stderr)} and heat {np.shape(heat)} are not of one map")
    typical = np.median(np.asarray(stderr, np.float64), axis=(-2, -1))
    peak = np.asarray(heat, np.float64).max((-2, -1))
    return np.where(peak == 0, 0 * typical, typical / np.where(peak == 0, 1, peak))[()]
