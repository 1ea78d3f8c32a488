"""Values worked out by hand: two visual tokens, width two.

A = [[1, 2], [3, -1]]    G = [[3, 4], [-1, 0]]
"""

import pytest
import torch

from core.attribution import ATTRIBUTIONS, abs_activation_gradient, gradcam, gradient_norm, hirescam
from core.methods import METHODS

A = torch.tensor([[[1.0, 2.0], [3.0, -1.0]]])
G = torch.tensor([[[3.0, 4.0], [-1.0, 0.0]]])


def test_gradient_norm():
    assert gradient_norm(A, G).tolist() == [[5.0, 1.0]]


def test_abs_activation_gradient():
    assert abs_activation_gradient(A, G).tolist() == [[11.0, 3.0]]  # 1*3 + 2*4; |3*-1 + -1*0|


def test_hirescam():
    assert hirescam(A, G).tolist() == [[11.0, 0.0]]


def test_gradcam():
    # w = ([3 - 1] / 2, [4 + 0] / 2) = (1, 2); A w = (1 + 4, 3 - 2)
    assert gradcam(A, G).tolist() == [[5.0, 1.0]]


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_samples_do_not_mix(name):
    generator = torch.Generator().manual_seed(0)
    a, g = (torch.randn(3, 5, 4, generator=generator) for _ in range(2))
    together = ATTRIBUTIONS[name](a, g)
    alone = torch.stack([ATTRIBUTIONS[name](a[i], g[i]) for i in range(3)])
    assert torch.equal(together, alone) and (together >= 0).all()


def test_every_listed_method_has_a_function_and_the_other_way_round():
    assert list(ATTRIBUTIONS) == list(METHODS)
