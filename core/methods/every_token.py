"""Pure maths: heat of every token of a sequence in one unit, words and picture alike.

The methods of `core.methods.attribution` compare visual tokens with each other. Here the same product is taken at all
tokens, so that heat of the prompt's words stands beside the picture's and both are parts of one whole.
"""

import torch
from torch import Tensor


def heat_of_every_token(activation: Tensor, gradient: Tensor, visual: Tensor, written: Tensor) -> Tensor:
    """heat_t = ||G_t||_2 ||A_t - m_t||_2, with m_t the mean visual token at visual tokens, else the mean written one.

    The Cauchy-Schwarz upper bound on |G_t . (A_t - m_t)|, the first-order change of the score if token t were replaced
    by the average one of its kind: in the unit of the score at every token. At visual tokens it is the recommended map
    of one layer (`core.methods.attribution.gradient_deviation`), so that a picture's share is the sum of its map.

    Why not gradient x input (|sum_c A_tc G_tc|; Ancona et al. 2018, arXiv:1711.06104), whose sum over all inputs is the
    score itself where a network is homogeneous: behind RMSNorm a token's length says nothing, A_t . G_t tells only how
    the score changes with it, and what enters the last layer has none at all but where the answer is predicted.

    Why one mean of the written tokens without the template's: massive activations sit in its first tokens, and one of
    them would be nearly all of the mean.

    Args:
        activation, gradient: float32 [tokens, width].
        visual: int64 [visual tokens], where pictures stand.
        written: int64 [written tokens], where the person's prompt and the answer stand.

    Returns:
        float32 [tokens], never negative.
    """
    means = activation[written].mean(0).expand_as(activation).clone()
    means[visual] = activation[visual].mean(0)
    return torch.linalg.vector_norm(gradient, dim=-1) * torch.linalg.vector_norm(activation - means, dim=-1)
