"""SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825): seeded noise. The statistics are in `core.engine.moments`."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

CLAMP = 3.0  # as in the original: normalised pixel values lie within about +-2.2


def noisy(values: Tensor, noise_std: float, seed: int, samples: range, pinned: bool = False) -> Tensor:
    """Copies of `values` with Gaussian noise, clamped to +-3.

    Sample i is drawn in float32 on the CPU from a generator seeded by (seed, i) alone, so that it is
    the same on every device and in whatever chunk it is computed. For a device that computes faster than one
    core draws (one sample of 1,300 visual tokens has six million numbers, 30 ms), several are drawn at once.

    Args:
        values: float32 [patches, patch values], normalised pixel values.
        noise_std: standard deviation; 0 returns plain copies, not clamped.
        samples: which samples.
        pinned: whether a CUDA device shall fetch them while the CPU goes on. PyTorch keeps such memory and uses
            it again.

    Returns:
        float32 [len(samples), patches, patch values], on the CPU.
    """
    if noise_std == 0:
        copies = values.expand(len(samples), *values.shape)
        return copies.clone().pin_memory() if pinned else copies.clone()
    drawn = torch.empty(len(samples), *values.shape, pin_memory=pinned)

    def draw(position: int) -> None:
        torch.randn(values.shape, generator=generator_of(seed, samples[position]), out=drawn[position])
        drawn[position].mul_(noise_std).add_(values).clamp_(-CLAMP, CLAMP)

    if not pinned:
        # One after the other: the pass takes a CPU far longer, and a thread that is begun while memory runs out may
        # die before it says that it has begun, which Python waits for without end.
        for position in range(len(samples)):
            draw(position)
        return drawn
    with ThreadPoolExecutor(min(len(samples), _cores())) as threads:
        for _ in threads.map(draw, range(len(samples))):
            pass
    return drawn


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def generator_of(seed: int, index: int) -> torch.Generator:
    """The generator, on the CPU, of the numbers that are the `index`-th ones to be drawn with a seed."""
    # SeedSequence mixes the pair: seed 0 sample 1 and seed 1 sample 0 are unrelated.
    (state,) = np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state) & (2**63 - 1))
