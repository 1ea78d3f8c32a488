"""SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825): seeded noise. The statistics are in `core.moments`."""

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
