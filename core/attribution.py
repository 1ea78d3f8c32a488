"""Pure maths: (activation, gradient) -> heat, one function per method of `core.methods`.

Every function takes A and G, both float32 [..., visual tokens, width], and returns heat
[..., visual tokens]; leading axes (noise samples) are independent of each other.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_norm(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ||G_t||_2 (Simonyan et al. 2014, at a hidden layer). Does not depend on A."""
    return torch.linalg.vector_norm(gradient, dim=-1)


def abs_activation_gradient(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = |sum_c A_tc G_tc|: gradient x input (Shrikumar et al. 2016), whatever its sign."""
    return (activation * gradient).sum(-1).abs()


def hirescam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c A_tc G_tc) (Draelos and Carin 2020, equation 4, with ReLU)."""
    return (activation * gradient).sum(-1).relu()


def gradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c w_c A_tc), w_c = mean_t G_tc (Selvaraju et al. 2017, equations 1 and 2).

    As in the original of this project, less its division by each sample's own maximum: that would
    make samples incomparable and hide how strong they are.
    """
    weights = gradient.mean(-2, keepdim=True)
    return (activation * weights).sum(-1).relu()


ATTRIBUTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    function.__name__: function for function in (gradient_norm, abs_activation_gradient, hirescam, gradcam)
}
