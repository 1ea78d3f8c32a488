import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.smoothgrad import Moments, noisy

VALUES = torch.linspace(-2, 2, 60).reshape(6, 10)


def test_a_sample_depends_on_seed_and_index_alone():
    together = noisy(VALUES, 0.3, seed=7, samples=range(5))
    assert torch.equal(together[3], noisy(VALUES, 0.3, seed=7, samples=range(3, 4))[0])
    assert not torch.equal(together[3], together[4])
    assert not torch.equal(together[1], noisy(VALUES, 0.3, seed=8, samples=range(1, 2))[0])
    # (seed 0, sample 1) and (seed 1, sample 0) are different noise.
    assert not torch.equal(noisy(VALUES, 0.3, 0, range(1, 2)), noisy(VALUES, 0.3, 1, range(0, 1)))


def test_no_noise_is_the_picture_itself():
    assert torch.equal(noisy(VALUES * 2, 0.0, 0, range(2)), (VALUES * 2).expand(2, -1, -1))


def test_noise_has_the_stated_deviation_and_is_clamped():
    values = torch.zeros(100, 1000)
    noise = noisy(values, 0.5, 0, range(1))[0]
    assert abs(noise.std().item() - 0.5) < 0.01 and abs(noise.mean().item()) < 0.01
    assert noisy(values, 10.0, 0, range(1)).abs().max() == 3.0


def test_the_global_generator_is_left_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    noisy(VALUES, 0.3, 0, range(2))
    assert torch.equal(before, torch.get_rng_state())


def test_moments_by_hand():
    moments = Moments.of(np.array([[1.0], [2.0], [3.0]])).merge(Moments.of(np.array([[6.0]])))
    # mean of 1, 2, 3, 6 is 3; squared deviations 4 + 1 + 0 + 9.
    assert moments.mean[0] == 3 and moments.squared_deviation[0] == 14 and moments.count == 4


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.data())
def test_merged_parts_equal_the_whole(values, data):
    cut = data.draw(st.integers(1, len(values) - 1))
    samples = np.array(values)[:, None]
    merged, whole = Moments.of(samples[:cut]).merge(Moments.of(samples[cut:])), Moments.of(samples)
    np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-9)
    np.testing.assert_allclose(merged.squared_deviation, whole.squared_deviation, atol=1e-6)
    np.testing.assert_allclose(whole.squared_deviation, samples.var(0) * len(values), atol=1e-6)
