"""SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825): seeded noise, and statistics that merge.

Knows nothing of heat maps: it smooths whatever is computed per sample.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

CLAMP = 3.0  # as in the original: normalised pixel values lie within about +-2.2


def noisy(values: Tensor, noise_std: float, seed: int, samples: range) -> Tensor:
    """Copies of `values` with Gaussian noise, clamped to +-3.

    Sample i is drawn in float32 on the CPU from a generator seeded by (seed, i) alone, so that it is
    the same on every device and in whatever chunk it is computed.

    Args:
        values: float32 [patches, patch values], normalised pixel values.
        noise_std: standard deviation; 0 returns plain copies, not clamped.
        samples: which samples.

    Returns:
        float32 [len(samples), patches, patch values], on the CPU.
    """
    if noise_std == 0:
        return values.expand(len(samples), *values.shape).clone()
    noise = torch.stack([torch.randn(values.shape, generator=_generator(seed, index)) for index in samples])
    return (values + noise_std * noise).clamp_(-CLAMP, CLAMP)


def _generator(seed: int, index: int) -> torch.Generator:
    # SeedSequence mixes the pair: seed 0 sample 1 and seed 1 sample 0 are unrelated.
    (state,) = np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state) & (2**63 - 1))


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
