"""How the heat of a video's maps is shared out over its time."""

from dataclasses import dataclass

import numpy as np

from dashboard.memo import memoised
from dashboard.ui.drawing.maps import ShownMap


@dataclass(frozen=True, eq=False)
class TimeShares:
    """Of one map.

    Attributes:
        shares: float64 [steps], of the map's whole heat; they sum to 1, or are 0 of a blank map.
        errors: likewise, their standard errors; None where there are none, or they are not known.
    """

    shares: np.ndarray
    errors: np.ndarray | None


def time_shares(shown: ShownMap) -> TimeShares | None:
    """The shares of a map's time steps; None for one of a picture."""
    if not shown.result.steps:
        return None
    return memoised(shown.result, ("time shares", shown.layer), lambda: _shares(shown))


def usual_step(shown: ShownMap) -> int:
    """The time step that is shown first: the hottest of a video's map; 0 of a picture's."""
    found = time_shares(shown)
    return 0 if found is None else int(found.shares.argmax())


def _shares(shown: ShownMap) -> TimeShares:
    heat = shown.heat.sum((1, 2), dtype=np.float64)
    total = heat.sum()
    if not total > 0:
        return TimeShares(np.zeros_like(heat), None)
    shares = heat / total
    if shown.errors is None:
        return TimeShares(shares, None)
    variance = (shown.errors.astype(np.float64) ** 2).sum((1, 2))
    # By the delta method: a step's own heat moves its share by (1 - share), that of all others by -share.
    errors = np.sqrt((1 - shares) ** 2 * variance + shares**2 * (variance.sum() - variance)) / total
    return TimeShares(shares, errors)
