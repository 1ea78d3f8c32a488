"""Mean and spread of samples that come in parts. No torch here.

Knows nothing of heat maps: it averages whatever is computed per sample.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and spread of samples, in a form that merges exactly.

    Attributes:
        mean: float64 [...].
        squared_deviation: float64 [...], sum over the samples of (sample - mean)^2.
        count: samples.
    """

    mean: np.ndarray
    squared_deviation: np.ndarray
    count: int

    @classmethod
    def of(cls, samples: np.ndarray) -> "Moments":
        """Of samples [n, ...]."""
        samples = np.asarray(samples, np.float64)
        mean = samples.mean(0)
        return cls(mean, np.square(samples - mean).sum(0), len(samples))

    def merge(self, other: "Moments") -> "Moments":
        """Of both sets of samples together (Chan, Golub and LeVeque 1979, equations 2.1)."""
        count = self.count + other.count
        shift = other.mean - self.mean
        return Moments(
            self.mean + shift * (other.count / count),
            self.squared_deviation + other.squared_deviation + np.square(shift) * (self.count * other.count / count),
            count,
        )
