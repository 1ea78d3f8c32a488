"""How the heat of a video's maps is shared out over its time."""

from dataclasses import dataclass

import numpy as np

from core.analysis.time.shares import share_errors
from core.analysis.time.shares import time_shares as shares_of_steps
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
    if not shown.heat.any():
        return TimeShares(np.zeros(len(shown.heat)), None)
    errors = None if shown.errors is None else share_errors(shown.heat, shown.errors)
    return TimeShares(shares_of_steps(shown.heat), errors)
