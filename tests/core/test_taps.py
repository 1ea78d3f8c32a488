import pytest
import torch
from torch import nn

from core.taps import frozen, record_activations


class Doubler(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, hidden):
        return hidden * self.factor


@pytest.fixture
def network():
    """hidden -> 2 hidden -> 6 hidden -> 30 hidden."""
    model = nn.Sequential(Doubler(2.0), Doubler(3.0), Doubler(5.0))
    model.train()
    return model


def hooks(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in model.modules())


def test_inputs_and_gradients_by_hand(network):
    with frozen(network), record_activations({0: network[0], 2: network[2]}, "input") as activations:
        score = network(torch.tensor([7.0])).sum()
        gradients = torch.autograd.grad(score, [activations[0], activations[2]])
    assert [activations[i].item() for i in (0, 2)] == [7.0, 42.0]
    assert [g.item() for g in gradients] == [30.0, 5.0]


def test_outputs_and_gradients_by_hand(network):
    with frozen(network), record_activations({0: network[0], 1: network[1]}, "output") as activations:
        score = network(torch.tensor([7.0])).sum()
        gradients = torch.autograd.grad(score, [activations[0], activations[1]])
    assert [activations[i].item() for i in (0, 1)] == [14.0, 42.0]
    assert [g.item() for g in gradients] == [15.0, 5.0]


def test_nothing_below_the_lowest_tap_is_on_the_graph(network):
    with frozen(network), record_activations({1: network[1], 2: network[2]}, "input") as activations:
        network(torch.tensor([7.0]))
    assert activations[1].is_leaf and activations[1].grad_fn is None
    assert not activations[2].is_leaf


def test_everything_is_as_before_on_success_and_failure(network):
    network[1].factor.requires_grad_(False)
    network[2].eval()
    flags = [p.requires_grad for p in network.parameters()], [m.training for m in network.modules()]

    def state():
        return [p.requires_grad for p in network.parameters()], [m.training for m in network.modules()]

    with frozen(network), record_activations({0: network[0]}, "input"):
        network(torch.tensor([7.0]))
        assert not any(p.requires_grad for p in network.parameters())
        assert not any(m.training for m in network.modules()) and hooks(network) == 1
    assert state() == flags and hooks(network) == 0
    with pytest.raises(RuntimeError, match="layer broke"):
        with frozen(network), record_activations({0: network[0], 1: network[1]}, "output"):
            raise RuntimeError("layer broke")
    assert state() == flags and hooks(network) == 0
    assert all(p.grad is None for p in network.parameters())
