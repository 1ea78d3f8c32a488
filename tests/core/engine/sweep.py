"""The question that many tests of the engine ask, and how far two maps are apart."""

import numpy as np
import torch
from torch import Tensor

from core.methods.attribution import ATTRIBUTIONS

QUESTION = "Where is the red square?"
SHORT = {"max_new_tokens": 5}


def relative_error(got: np.ndarray, wanted: np.ndarray) -> float:
    return np.linalg.norm(got - wanted) / np.linalg.norm(wanted)


def rounding(method: str, activation: Tensor, gradient: Tensor) -> float:
    """How far a map moves at most where its gradient moves by a hundred-thousandth, which float32 may.

    It is much where denominators nearly vanish, as Grad-CAM++ has them.
    """
    noise = torch.randn(gradient.shape, generator=torch.Generator().manual_seed(0))
    moved = ATTRIBUTIONS[method](activation, gradient * (1 + 1e-5 * noise))
    return float((moved - ATTRIBUTIONS[method](activation, gradient)).abs().max())
