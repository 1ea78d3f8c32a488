"""When each word of an answer about a video came from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.analysis.time.moments import Peak, mean_time, peak_cell
from core.analysis.time.shares import share_errors, time_shares
from core.errors import InputError
from core.schema import ExplainResult
from core.schema.time_steps import TimeStep
from core.schema.words import Word


@dataclass(frozen=True, eq=False)
class WordOverTime:
    """The heat of one word over the time of a video.

    Attributes:
        word: which.
        shares: float64 [time], of its map's heat.
        errors: likewise, their standard errors; NaN where they are not known.
        mean: seconds at which its heat lies on average.
        mean_error: the standard error of that.
        peak: its hottest cell; None where its map has none.
    """

    word: Word
    shares: np.ndarray
    errors: np.ndarray
    mean: float
    mean_error: float
    peak: Peak | None


def words_over_time(
    results: Mapping[Word, ExplainResult], layer: int | None = None
) -> tuple[tuple[TimeStep, ...], tuple[WordOverTime, ...]]:
    """(the video's time steps, every word over them, in the order given).

    Args:
        results: of one method about one video and one answer, by word.
        layer: whose maps are looked at; None for the only map there is.

    Raises:
        InputError: there is no word, a result is of a picture, or they are not of one video.
    """
    steps = {result.steps for result in results.values()}
    if len(steps) != 1 or () in steps:
        raise InputError("Words over time need results of at least one word, all about one video.")
    (shared,) = steps
    found = []
    for word, result in results.items():
        heat, stderr = result.at(layer), result.stderr_at(layer)
        mean, error = mean_time(heat, stderr, shared)
        errors = share_errors(heat, stderr)
        found.append(WordOverTime(word, time_shares(heat), errors, float(mean), float(error), peak_cell(heat)))
    return shared, tuple(found)
