"""Values worked out by hand: two visual tokens, width two.

A = [[1, 2], [3, -1]]    G = [[3, 4], [-1, 0]]
"""

import math
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.methods.attribution import (
    ATTRIBUTIONS,
    abs_activation_gradient,
    activation_peak,
    attention,
    attention_gradient,
    carried,
    combined,
    gradcam,
    gradcam_plus_plus,
    gradient_deviation,
    gradient_norm,
    hirescam,
    layercam,
    llava_cam,
    xgradcam,
)
from core.schema.methods import METHODS

A = torch.tensor([[[1.0, 2.0], [3.0, -1.0]]])
G = torch.tensor([[[3.0, 4.0], [-1.0, 0.0]]])


def test_gradient_deviation():
    # mean A = (2, 0.5), so A - mean = (-1, 1.5) and (1, -1.5), both of norm sqrt(3.25); ||G|| = 5, 1
    torch.testing.assert_close(gradient_deviation(A, G), torch.tensor([[5 * math.sqrt(3.25), math.sqrt(3.25)]]))


def test_gradient_norm():
    assert gradient_norm(A, G).tolist() == [[5.0, 1.0]]


def test_abs_activation_gradient():
    assert abs_activation_gradient(A, G).tolist() == [[11.0, 3.0]]  # 1*3 + 2*4; |3*-1 + -1*0|


def test_hirescam():
    assert hirescam(A, G).tolist() == [[11.0, 0.0]]


def test_layercam():
    assert layercam(A, G).tolist() == [[11.0, 0.0]]  # 1*3 + 2*4; the second token's gradients: none positive
    # The negative gradient that HiResCAM would subtract is left out: 2*1 + 1*0, not 2*1 - 1*5.
    assert layercam(torch.tensor([[2.0, 1.0]]), torch.tensor([[1.0, -5.0]])).tolist() == [2.0]


def test_gradcam_plus_plus():
    # sum_t A = (4, 1)
    # alpha = 9 / (18 + 4*27) = 1/14    16 / (32 + 1*64) = 1/6
    #         1 / (2 - 4) = -1/2        0
    # w = (3/14 + 0, 4/6 + 0) = (3/14, 2/3)
    # A w = (3/14 + 4/3, 9/14 - 2/3 = -1/42)
    torch.testing.assert_close(gradcam_plus_plus(A, G), torch.tensor([[65 / 42, 0.0]]), rtol=1e-6, atol=0)


def test_gradcam_plus_plus_weighs_small_gradients_less_than_the_paper():
    # One token, A = 0.5, G = 0.001: alpha = 1e-6 / (2e-6 + 0.5e-9 + 1e-6) = 1 / 3.0005, not 1 / 2.0005
    heat = gradcam_plus_plus(torch.tensor([[0.5]]), torch.tensor([[0.001]]))
    torch.testing.assert_close(heat, torch.tensor([0.5 * 0.001 / 3.0005]))


def test_xgradcam():
    # w = ((1*3 + 3*-1) / 4, (2*4 + -1*0) / 1) = (0, 8); A w = (16, -8)
    torch.testing.assert_close(xgradcam(A, G), torch.tensor([[16.0, 0.0]]), rtol=1e-6, atol=0)


def test_gradcam():
    # w = ([3 - 1] / 2, [4 + 0] / 2) = (1, 2); A w = (1 + 4, 3 - 2)
    assert gradcam(A, G).tolist() == [[5.0, 1.0]]


def test_llava_cam():
    # w = ([3 + 0] / 2, [4 + 0] / 2) = (1.5, 2); A w = (1.5 + 4, 4.5 - 2)
    assert llava_cam(A, G).tolist() == [[5.5, 2.5]]


def test_activation_peak():
    # rms = sqrt((1 + 4) / 2), sqrt((9 + 1) / 2)
    torch.testing.assert_close(activation_peak(A, G), torch.tensor([[2 / math.sqrt(2.5), 3 / math.sqrt(5)]]))


def test_activation_peak_finds_the_one_massive_channel_at_any_scale():
    tokens = torch.ones(3, 400)
    tokens[1] = 0
    tokens[2, 7] = 1e6
    wanted = torch.tensor([1.0, 0.0, 20.0])  # at most sqrt(400)
    for scale in (1.0, 1e-30, 1e30):
        torch.testing.assert_close(activation_peak(tokens * scale, torch.zeros(3, 400)), wanted)


P = torch.tensor([[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.0], [0.1, 0.2]]])  # [heads, rows, visual tokens]
DP = torch.tensor([[[1.0, -1.0], [2.0, 0.0]], [[-4.0, 5.0], [3.0, 1.0]]])


def test_attention():
    # mean over heads: rows (0.3, 0.1) and (0.2, 0.3)
    torch.testing.assert_close(attention(P), torch.tensor([0.5, 0.4]))


def test_attention_gradient():
    # positive parts: head 0 (0.1, 0), (0.6, 0); head 1 (0, 0), (0.3, 0.2); half of their sums
    torch.testing.assert_close(attention_gradient(P, DP), torch.tensor([0.5, 0.1]))


def test_carried():
    # rows of head 0 sum to (0.4, 0.6), of head 1 to (0.6, 0.2): (0.4 * 2 + 0.6 * 1) / 2 and (0 + 0.2 * 10) / 2
    norms = torch.tensor([[2.0, 0.0], [1.0, 10.0]])
    torch.testing.assert_close(carried(P, norms), torch.tensor([0.7, 1.0]))
    torch.testing.assert_close(carried(P, torch.ones(2, 2)), attention(P))


def test_combined():
    # sqrt(2 * 8) * (0.2 + 0.4) / 2; sqrt(0 * 5) = 0; sqrt(9 * 1) * (0 + 1) / 2
    deviation = torch.tensor([[2.0, 0.0, 9.0], [8.0, 5.0, 1.0]])
    looked = torch.tensor([[0.2, 0.5, 0.0], [0.4, 0.5, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.testing.assert_close(combined(deviation, looked), torch.tensor([1.2, 0.0, 1.5]))


def test_combined_neither_underflows_nor_overflows_and_takes_any_number_of_layers():
    # The product over 40 layers is 1e-1200 and 1e+1200, out of any float's reach.
    deviation = torch.tensor([1e-30, 1e30]).expand(40, 2)
    torch.testing.assert_close(combined(deviation, torch.ones(3, 2)), torch.tensor([1e-30, 1e30]))
    torch.testing.assert_close(combined(deviation[:1], torch.ones(1, 2)), torch.tensor([1e-30, 1e30]))


# Figures of pytorch-grad-cam 1.5.5, commit 084273b3f30b of June 2026: `get_cam_image` of its own
# classes, called with these six tokens as a picture of 2 x 3 with three channels, without eigen smoothing. That is
# before its ReLU, its division by the maximum and its resizing, none of which is a method's own.
PICTURE = torch.tensor([[1, 2, -0.5], [3, -1, 0.25], [-2, 0.5, 4], [0.5, 1.5, -1], [2, -3, 0], [-1, 0.75, 1]])
SLOPES = torch.tensor(
    [
        [0.3, -0.2, 0.001],
        [0.05, 0.4, -0.002],
        [-0.1, 0, 0.003],
        [0.2, 0.1, -0.0005],
        [0, -0.3, 0.002],
        [-0.25, 0.15, 0.0015],
    ]
)


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        (gradcam, [0.08291668, 0.07520836, -0.05083335, 0.05333334, -0.008333318, -0.01375001]),
        (hirescam, [-0.1005, -0.2505, 0.212, 0.2505, 0.9, 0.364]),
        (layercam, [0.2995, -0.25, 0.012, 0.25, 0.0, 0.114]),
        (gradcam_plus_plus, [0.7800106, 0.2939576, -0.2313038, 0.5341256, -0.4884864, 0.02765722]),
        (xgradcam, [1.250648, 0.3746763, -0.3158953, 0.8643904, -0.8785712, 0.08025232]),
    ],
)
def test_agrees_with_pytorch_grad_cam(method, theirs):
    torch.testing.assert_close(method(PICTURE, SLOPES), torch.tensor(theirs).relu(), rtol=1e-5, atol=1e-7)


def slow(name, a, g):
    """Heat by loops over tokens and channels, in Python's own floats."""
    tokens, width = range(len(a)), range(len(a[0]))
    total = [sum(a[t][c] for t in tokens) for c in width]
    norm = [math.sqrt(sum(g[t][c] ** 2 for c in width)) for t in tokens]
    product = [sum(a[t][c] * g[t][c] for c in width) for t in tokens]
    positive = [[max(g[t][c], 0) for c in width] for t in tokens]

    def divided(x, y):
        return x / y if y else 0.0

    def alpha(t, c):
        return divided(g[t][c] ** 2, 2 * g[t][c] ** 2 + total[c] * g[t][c] ** 3 + 1e-6)

    def weighted(weights):
        return [max(sum(weights[c] * a[t][c] for c in width), 0) for t in tokens]

    def distance(t):
        return math.sqrt(sum((a[t][c] - total[c] / len(a)) ** 2 for c in width))

    def peak(t):
        return divided(max(abs(x) for x in a[t]), math.sqrt(sum(x**2 for x in a[t]) / len(a[t])))

    def ascent(t):
        return max(sum(positive[t][c] * a[t][c] for c in width), 0)

    return {
        "gradient_deviation": lambda: [norm[t] * distance(t) for t in tokens],
        "gradient_norm": lambda: norm,
        "abs_activation_gradient": lambda: [abs(x) for x in product],
        "hirescam": lambda: [max(x, 0) for x in product],
        "layercam": lambda: [ascent(t) for t in tokens],
        "gradcam_plus_plus": lambda: weighted([sum(alpha(t, c) * positive[t][c] for t in tokens) for c in width]),
        "xgradcam": lambda: weighted([divided(sum(a[t][c] * g[t][c] for t in tokens), total[c] + 1e-7) for c in width]),
        "gradcam": lambda: weighted([sum(g[t][c] for t in tokens) / len(a) for c in width]),
        "llava_cam": lambda: weighted([sum(positive[t][c] for t in tokens) / len(a) for c in width]),
        "activation_peak": lambda: [peak(t) for t in tokens],
    }[name]()


# In float64, where the cancellation that makes some weights huge costs both sides little.
ENTRIES = st.integers(-32, 32).map(lambda n: n / 8)


@pytest.mark.parametrize("name", ATTRIBUTIONS)
@given(data=st.data(), tokens=st.integers(1, 4), width=st.integers(1, 3))
def test_equals_the_slow_loops(name, data, tokens, width):
    table = st.lists(st.lists(ENTRIES, min_size=width, max_size=width), min_size=tokens, max_size=tokens)
    a, g = data.draw(table), data.draw(table)
    heat = ATTRIBUTIONS[name](*(torch.tensor(x, dtype=torch.float64) for x in (a, g)))
    wanted = torch.tensor(slow(name, a, g), dtype=torch.float64)
    # Where a channel sums to 0, 1e-7 stands in a denominator: rounding errors grow by 1e7 and may not cancel.
    torch.testing.assert_close(heat, wanted, rtol=1e-6, atol=1e-5)


@given(data=st.data(), tokens=st.integers(1, 5), width=st.integers(1, 3))
def test_deviation_bounds_what_replacing_a_token_by_the_average_changes(data, tokens, width):
    numbers = st.lists(ENTRIES, min_size=tokens * width, max_size=tokens * width)
    a, g = (torch.tensor(data.draw(numbers), dtype=torch.float64).reshape(tokens, width) for _ in range(2))
    change = ((a - a.mean(0)) * g).sum(-1).abs()
    assert (change <= gradient_deviation(a, g) + 1e-9).all()


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_samples_do_not_mix(name):
    generator = torch.Generator().manual_seed(0)
    a, g = (torch.randn(3, 2, 5, 4, generator=generator) for _ in range(2))
    together = ATTRIBUTIONS[name](a, g)
    alone = torch.stack([torch.stack([ATTRIBUTIONS[name](a[i, j], g[i, j]) for j in range(2)]) for i in range(3)])
    torch.testing.assert_close(together, alone)
    assert together.shape == (3, 2, 5) and together.dtype == torch.float32 and (together >= 0).all()


def test_samples_do_not_mix_in_attention():
    generator = torch.Generator().manual_seed(0)
    p, dp = (torch.randn(3, 4, 2, 5, generator=generator) for _ in range(2))
    torch.testing.assert_close(attention(p), torch.stack([attention(x) for x in p]))
    both = zip(p, dp, strict=True)
    torch.testing.assert_close(attention_gradient(p, dp), torch.stack([attention_gradient(*x) for x in both]))
    deviation, looked = p[:, 0].abs(), p[:, 1].abs()  # [samples, layers, visual tokens]
    both = zip(deviation, looked, strict=True)
    torch.testing.assert_close(combined(deviation, looked), torch.stack([combined(*x) for x in both]))


@pytest.mark.parametrize("name", ATTRIBUTIONS)
@pytest.mark.parametrize("tokens", [1, 4])
def test_no_gradient_no_heat(name, tokens):
    heat = ATTRIBUTIONS[name](torch.ones(tokens, 3), torch.zeros(tokens, 3))
    assert heat.tolist() == [1.0 if name == "activation_peak" else 0.0] * tokens


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_no_activation_no_heat_and_no_nan(name):
    heat = ATTRIBUTIONS[name](torch.zeros(4, 3), torch.ones(4, 3))
    torch.testing.assert_close(heat, torch.full((4,), math.sqrt(3) if name == "gradient_norm" else 0.0))


def test_tokens_all_alike():
    a, g = torch.tensor([2.0, 1.0]).expand(3, 2), torch.tensor([1.0, 3.0]).expand(3, 2)
    assert gradient_deviation(a, g).tolist() == [0.0] * 3  # the average token is each token
    assert gradcam(a, g).tolist() == hirescam(a, g).tolist() == llava_cam(a, g).tolist() == [5.0] * 3


def test_a_zero_denominator_gives_no_weight():
    # sum A + 1e-7 = 0
    assert xgradcam(torch.tensor([[-1e-7]]), torch.tensor([[1.0]])).tolist() == [0.0]
    # 2 G^2 + (sum A) G^3 + 1e-6 = 0 at the first token, exactly in float32: a power of two only shifts.
    slope = torch.tensor(2.0**-11)
    total = -(torch.tensor(1e-6) + 2 * slope**2) / slope**3
    heat = gradcam_plus_plus(torch.stack([2 * total, -total])[:, None], torch.stack([slope, 0 * slope])[:, None])
    assert heat.tolist() == [0.0, 0.0]


def test_every_function_is_a_listed_method():
    assert set(ATTRIBUTIONS) <= set(METHODS) and all(name == f.__name__ for name, f in ATTRIBUTIONS.items())
