"""Settings of a training run, and the learning rate that they make."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run.

    A run ends after `minutes` of training or after `steps`, whichever is first; the learning rate follows how far it
    is on the way there, so that a slower machine learns less but ends as gently.

    Attributes:
        minutes: length of the run, over all sittings.
        steps: most optimizer steps, each on one batch of the curriculum.
        seed: seed of the initial weights and of the order of the data.
        warm: whether the weights start from the checkpoint that is shipped instead of from nothing.
        learning_rate: peak learning rate of both optimizers.
        warmup: steps of linear rise; then constant until half of the run, then half a cosine to zero.
        weight_decay: of the matrices.
        clip: largest norm of the gradient.
        auxiliary_weight: weight of the auxiliary losses; it falls with the learning rate.
        easy_steps: steps on small pictures of one or two objects, before anything else; none where it starts warm.
        threads: CPU threads.
    """

    minutes: float = 75.0
    steps: int = 1_000_000
    seed: int = 0
    warm: bool = True
    learning_rate: float = 1.5e-3
    warmup: int = 80
    weight_decay: float = 0.02
    clip: float = 1.0
    auxiliary_weight: float = 0.5
    easy_steps: int = 600
    threads: int = 2

    def progress(self, step: int, seconds: float) -> float:
        """How far a run is after so many steps and seconds, from 0 to 1."""
        return min(1.0, max(step / self.steps, seconds / (60 * self.minutes)))


def rate(step: int, progress: float, recipe: Recipe) -> float:
    """Learning rate of a step as a share of the peak."""
    rise = min(1.0, (step + 1) / recipe.warmup)
    return rise if progress < 0.5 else rise * 0.5 * (1 + math.cos(math.pi * min(1.0, 2 * progress - 1)))
