"""Pure maths: activations, gradients and attention -> heat, one function per method of `core.schema.methods`.

The functions listed in ATTRIBUTIONS take A and G, both float32 [..., visual tokens, width]: the
activation at a tap and the gradient of the score there. They return heat [..., visual tokens], never
negative; leading axes (noise samples) are independent of each other. t runs over visual tokens and c
over the width.

The CAM family was made for convolutional nets, whose activations follow a ReLU and whose channels are
feature detectors shared by all positions. Here A has both signs and tokens take the place of pixels; the
equations stay as they are.
"""

from collections.abc import Callable

import torch
from torch import Tensor

PLUS_PLUS_EPSILON = 1e-6
XGRAD_EPSILON = 1e-7


def gradient_deviation(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ||G_t||_2 ||A_t - mean_s A_s||_2: the recommended map of one layer.

    The Cauchy-Schwarz upper bound on |G_t . (A_t - mean A)|, the first-order change of the score if
    token t were replaced by the average visual token. Two reasons for it: RMSNorm makes gradients
    inversely proportional to a token's norm, which the second factor undoes; and as a bound on the
    absolute change no cancellation between channels hides a token. Own to this project.
    """
    deviation = activation - activation.mean(-2, keepdim=True)
    return torch.linalg.vector_norm(gradient, dim=-1) * torch.linalg.vector_norm(deviation, dim=-1)


def gradient_norm(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ||G_t||_2 (Simonyan et al. 2014, at a hidden layer). Does not depend on A."""
    return torch.linalg.vector_norm(gradient, dim=-1)


def abs_activation_gradient(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = |sum_c A_tc G_tc|: gradient x input (Shrikumar et al. 2016), whatever its sign."""
    return (activation * gradient).sum(-1).abs()


def hirescam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c A_tc G_tc) (Draelos and Carin 2020, equation 4, with ReLU)."""
    return (activation * gradient).sum(-1).relu()


def layercam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c ReLU(G_tc) A_tc) (Jiang et al. 2021, LayerCAM, one layer)."""
    return (activation * gradient.relu()).sum(-1).relu()


def gradcam_plus_plus(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c w_c A_tc), w_c = sum_t alpha_tc ReLU(G_tc),
    alpha_tc = G_tc^2 / (2 G_tc^2 + (sum_s A_sc) G_tc^3 + 1e-6), and 0 where G_tc = 0.

    Chattopadhay et al. 2018 (arXiv:1710.11063), equations 10 and 19: the score is taken to pass through
    an exponential, whose positive factor exp(score) is left out of w. The 1e-6 is not the paper's but
    pytorch-grad-cam's, kept so that the two agree. It matters: gradients below about 1e-3 weigh less
    than the paper has it, so that heat does not scale with the score. With activations of both signs
    the denominator may also come near 0 or below.
    """
    squared = gradient.square()
    total = activation.sum(-2, keepdim=True)
    alpha = _ratio(squared, 2 * squared + total * squared * gradient + PLUS_PLUS_EPSILON)
    return _weighted(activation, (alpha * gradient.relu()).sum(-2, keepdim=True))


def xgradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c w_c A_tc), w_c = sum_t A_tc G_tc / (sum_t A_tc + 1e-7).

    Fu et al. 2020 (arXiv:2008.02312), with the epsilon of pytorch-grad-cam. A channel whose positive and
    negative activations nearly cancel gets a huge weight, which cannot happen after a ReLU.
    """
    total = activation.sum(-2, keepdim=True)
    return _weighted(activation, _ratio((activation * gradient).sum(-2, keepdim=True), total + XGRAD_EPSILON))


def gradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c w_c A_tc), w_c = mean_t G_tc (Selvaraju et al. 2017, equations 1 and 2).

    As in the original of this project, less its division by each sample's own maximum: that would
    make samples incomparable and hide how strong they are.
    """
    return _weighted(activation, gradient.mean(-2, keepdim=True))


def llava_cam(activation: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = ReLU(sum_c w_c A_tc), w_c = mean_t ReLU(G_tc), at the norm that follows attention.

    Zhang et al., "From Redundancy to Relevance" (`demo_smooth_grad_threshold.py` of its code). Deviations:
    the sum over channels where they take the mean (a constant factor); no division of each sample by its
    own maximum; no cut of what lies below half of that maximum; smoothing averages heat, where theirs
    averages coloured pictures of it.
    """
    return _weighted(activation, gradient.relu().mean(-2, keepdim=True))


def activation_peak(activation: Tensor, gradient: Tensor | None = None) -> Tensor:
    """heat_t = max_c |A_tc| / rms_c(A_t), between 1 and sqrt(width); 0 for a token of zeros. Ignores G.

    Not an explanation but a diagnostic: a high ratio marks massive activations (Sun et al. 2024,
    arXiv:2402.17762) and attention sinks. Kang et al. 2025 (arXiv:2503.03321) call a token a sink from 20
    on; they take the maximum over the channels known as sinks of their model, here it is over all.
    """
    peak = activation.abs().amax(-1)
    # Dividing by the peak first keeps the squares from underflow and overflow.
    rms = _ratio(activation, peak[..., None]).square().mean(-1).sqrt()
    return _ratio(torch.ones_like(peak), rms)


def attention(probabilities: Tensor) -> Tensor:
    """heat_t = sum_r mean_h P_hrt: how much the answer looks at each visual token.

    Args:
        probabilities: P, float32 [..., heads, rows, visual tokens], the attention probabilities of the
            answer's rows.

    Returns:
        [..., visual tokens].
    """
    return probabilities.mean(-3).sum(-2)


def carried(probabilities: Tensor, norms: Tensor) -> Tensor:
    """heat_t = sum_r mean_h P_hrt ||v_ht||_2: how much the answer takes from each visual token.

    Attention weighed by what it carries (Kobayashi et al. 2020, arXiv:2004.10102): a sink is looked at and carries
    next to nothing. Deviation: the norm of a head's value itself, before the output projection, as in Guo et al. 2024
    (arXiv:2406.12335), who take the 1-norm; heads are added as numbers, not as vectors that could cancel.

    Args:
        probabilities: P, float32 [..., heads, rows, visual tokens].
        norms: ||v||, float32 [..., heads, visual tokens].

    Returns:
        [..., visual tokens].
    """
    return attention(probabilities * norms[..., None, :])


def attention_gradient(probabilities: Tensor, gradient: Tensor) -> Tensor:
    """heat_t = sum_r mean_h ReLU(P_hrt dP_hrt).

    Chefer et al. 2021 (arXiv:2103.15679), equation 5. Deviation: the answer's rows alone, each layer for
    itself; relevance is not propagated from layer to layer.

    Args:
        probabilities: P, float32 [..., heads, rows, visual tokens], of the answer's rows.
        gradient: dP, same shape, the gradient of the score with respect to P.

    Returns:
        [..., visual tokens].
    """
    return (probabilities * gradient).relu().mean(-3).sum(-2)


def combined(deviation: Tensor, attention: Tensor) -> Tensor:
    """heat_t = (prod_l D_lt)^(1/L) * mean_l C_lt: one map from several layers. Own to this project.

    The geometric mean keeps what every layer's gradient deviation holds for relevant, whatever a layer's
    scale; a token that is exactly 0 in one layer gets 0.

    Args:
        deviation: D, float32 [..., layers, visual tokens], `gradient_deviation` of each layer.
        attention: C, float32 [..., layers, visual tokens], heat of `carried` of each layer, or in the first formula
            of `attention`; the layers need not be the same.

    Returns:
        [..., visual tokens], in the type of `deviation`.
    """
    geometric = deviation.double().log().mean(-2).exp()  # log 0 = -inf, and exp(-inf) = 0
    return (geometric * attention.double().mean(-2)).to(deviation.dtype)


def _weighted(activation: Tensor, weights: Tensor) -> Tensor:
    """ReLU(sum_c w_c A_tc), for weights [..., 1, width]."""
    return (activation * weights).sum(-1).relu()


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """numerator / denominator, and 0 where the denominator is exactly 0."""
    zero = denominator == 0
    return torch.where(zero, 0.0, numerator / torch.where(zero, 1.0, denominator))


ATTRIBUTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    function.__name__: function
    for function in (
        gradient_deviation,
        gradient_norm,
        abs_activation_gradient,
        hirescam,
        layercam,
        gradcam,
        gradcam_plus_plus,
        xgradcam,
        llava_cam,
        activation_peak,
    )
}
