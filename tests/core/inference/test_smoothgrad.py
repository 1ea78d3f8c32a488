import torch

from core.inference.smoothgrad import noisy

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
