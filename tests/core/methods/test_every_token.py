"""Heat of every token, against values worked out by hand and against the map of the picture alone."""

import torch

from core.methods.attribution import gradient_deviation
from core.methods.every_token import heat_of_every_token


def test_it_is_the_gradients_length_times_that_of_what_differs_from_the_mean_of_its_kind():
    activation = torch.tensor([[9.0, 9.0], [1.0, 0.0], [3.0, 0.0], [0.0, 2.0], [0.0, 4.0]])
    gradient = torch.tensor([[0.0, 1.0], [3.0, 4.0], [0.0, 1.0], [0.0, 2.0], [1.0, 0.0]])
    visual, written = torch.tensor([1, 2]), torch.tensor([3, 4])
    # Means: (2, 0) of the picture and (0, 3) of what is written, against which the first token is held, too.
    wanted = [1 * (81 + 36) ** 0.5, 5 * 1, 1 * 1, 2 * 1, 1 * 1]
    torch.testing.assert_close(heat_of_every_token(activation, gradient, visual, written), torch.tensor(wanted))


def test_at_visual_tokens_it_is_the_map_of_the_picture():
    activation, gradient = torch.randn(2, 12, 5, generator=torch.Generator().manual_seed(0))
    visual, written = torch.arange(2, 8), torch.tensor([9, 11])
    heat = heat_of_every_token(activation, gradient, visual, written)
    torch.testing.assert_close(heat[visual], gradient_deviation(activation[visual], gradient[visual]))
    assert heat.shape == (12,) and (heat >= 0).all()


def test_a_massive_activation_of_the_template_changes_no_other_token():
    activation, gradient = torch.randn(2, 12, 5, generator=torch.Generator().manual_seed(1))
    arguments = gradient, torch.arange(2, 8), torch.tensor([9, 11])
    before = heat_of_every_token(activation, *arguments)
    activation[0] *= 1e6
    torch.testing.assert_close(heat_of_every_token(activation, *arguments)[1:], before[1:])
