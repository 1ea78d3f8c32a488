"""Standard errors of statistics, from the standard error that SmoothGrad leaves on each cell's heat.

The heat is drawn again `DRAWS` times as heat + stderr * z with z standard normal, seeded, and clipped at 0 as heat
is; the standard deviation of a statistic over the draws is its standard error. Any statistic can be treated so,
peaks and counts included, where the delta method needs a derivative. Two limits: cells are drawn independently,
since only each cell's own error is stored, while cells that share noise move together; and clipping and noise bias the
draws towards even maps, which is why their deviation is used, and not their mean.
"""

from collections.abc import Callable

import numpy as np

DRAWS = 32
_SEED = 20_260_101


def standard_errors(
    heat: np.ndarray, stderr: np.ndarray, measure: Callable[[np.ndarray], dict[str, np.ndarray]], draws: int = DRAWS
) -> dict[str, np.ndarray]:
    """The standard error of every statistic.

    Args:
        heat, stderr: [layers, grid_h, grid_w], of a video [layers, time, grid_h, grid_w].
        measure: [draws, ...], as one layer is shaped -> name -> [draws].

    Returns:
        name -> float64 [layers]; 0 where there was no noise, NaN where the heat's error is not known.
    """
    found: list[dict[str, float]] = []
    # The same draws for each layer: what a layer gets does not depend on which others are held.
    noise = np.random.default_rng(_SEED).standard_normal((draws, *heat.shape[1:]))
    for mean, error in zip(heat, stderr, strict=True):
        names = measure(mean[None])
        if not error.any():
            found.append(dict.fromkeys(names, 0.0))
        elif not np.isfinite(error).all():
            found.append(dict.fromkeys(names, np.nan))
        else:
            drawn = np.clip(mean + error * noise, 0, None)
            found.append({name: float(np.std(values, ddof=1)) for name, values in measure(drawn).items()})
    return {name: np.array([each[name] for each in found]) for name in (found[0] if found else {})}
