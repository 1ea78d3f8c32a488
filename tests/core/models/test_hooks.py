import pytest
import torch
from torch import nn

from core.models.hooks import HookPoint, frozen, record_activations, watched


class Doubler(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, hidden):
        return hidden * self.factor


class Layer(nn.Module):
    """hidden -> hidden + factor * norm(hidden), the norm being a doubling."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.norm = Doubler(2.0)
        self.factor = factor

    def forward(self, hidden):
        return hidden + self.factor * self.norm(hidden)


@pytest.fixture
def network():
    """hidden -> 2 hidden -> 6 hidden -> 30 hidden."""
    model = nn.Sequential(Doubler(2.0), Doubler(3.0), Doubler(5.0))
    model.train()
    return model


def hooks(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in model.modules())


def gradients_at(score, activations):
    """point -> gradient of the score there."""
    return dict(zip(activations, torch.autograd.grad(score, list(activations.values())), strict=True))


def test_inputs_and_gradients_by_hand(network):
    points = {HookPoint(0): network[0], HookPoint(2): network[2]}
    with frozen(network), record_activations(points) as activations:
        score = network(torch.tensor([7.0])).sum()
    assert activations == {HookPoint(0, "input"): 7.0, HookPoint(2, "input"): 42.0}
    assert gradients_at(score, activations) == {HookPoint(0): 30.0, HookPoint(2): 5.0}


def test_outputs_and_gradients_by_hand(network):
    points = {HookPoint(0, "output"): network[0], HookPoint(1, "output"): network[1]}
    with frozen(network), record_activations(points) as activations:
        score = network(torch.tensor([7.0])).sum()
    assert activations == {HookPoint(0, "output"): 14.0, HookPoint(1, "output"): 42.0}
    assert gradients_at(score, activations) == {HookPoint(0, "output"): 15.0, HookPoint(1, "output"): 5.0}


def test_all_sites_of_a_layer_at_once():
    # 7 -> 7 + 3 * 14 = 49 -> 49 + 5 * 98 = 539
    network = nn.Sequential(Layer(3.0), Layer(5.0))
    points = {HookPoint(1, "output"): network[1], HookPoint(1, "norm"): network[1].norm, HookPoint(1): network[1]}
    with frozen(network), record_activations(points) as activations:
        score = network(torch.tensor([7.0])).sum()
    assert activations == {HookPoint(1): 49.0, HookPoint(1, "norm"): 98.0, HookPoint(1, "output"): 539.0}
    assert gradients_at(score, activations) == {
        HookPoint(1): 11.0,
        HookPoint(1, "norm"): 5.0,
        HookPoint(1, "output"): 1.0,
    }


def test_nothing_below_the_lowest_tap_is_on_the_graph(network):
    with frozen(network), record_activations({HookPoint(2): network[2], HookPoint(1): network[1]}) as activations:
        network(torch.tensor([7.0], requires_grad=True))
    assert activations[HookPoint(1)].is_leaf and activations[HookPoint(1)].requires_grad
    assert not activations[HookPoint(2)].is_leaf


@pytest.mark.parametrize(
    ("sites", "lowest"),
    [
        ([(1, "norm"), (0, "output")], (0, "output")),
        ([(0, "output"), (0, "norm")], (0, "norm")),
        ([(0, "output"), (0, "norm"), (0, "input")], (0, "input")),
        ([(1, "norm"), (1, "output"), (0, "norm")], (0, "norm")),
    ],
)
def test_the_lowest_is_the_first_that_the_pass_reaches(sites, lowest):
    network = nn.Sequential(Layer(3.0), Layer(5.0))
    modules = {HookPoint(*at): network[at[0]].norm if at[1] == "norm" else network[at[0]] for at in sites}
    with frozen(network), record_activations(modules) as activations:
        network(torch.tensor([7.0]))
    assert [point for point, hidden in activations.items() if hidden.grad_fn is None] == [HookPoint(*lowest)]
    assert all(hidden.requires_grad for hidden in activations.values())


def test_uncut_the_graph_reaches_down_to_the_picture(network):
    pixels = torch.tensor([7.0], requires_grad=True)
    with (
        frozen(network),
        record_activations({HookPoint(1): network[1], HookPoint(2): network[2]}, cut=False) as activations,
    ):
        score = network(pixels).sum()
    assert activations == {HookPoint(1): 14.0, HookPoint(2): 42.0}
    wanted = [pixels, activations[HookPoint(1)], activations[HookPoint(2)]]
    assert [g.item() for g in torch.autograd.grad(score, wanted)] == [30.0, 15.0, 5.0]


def test_no_points_no_hooks(network):
    with frozen(network), record_activations({}) as activations:
        assert hooks(network) == 0
        assert network(torch.tensor([7.0])).item() == 210.0
    assert activations == {}


def test_everything_is_as_before_on_success_and_failure(network):
    network[1].factor.requires_grad_(False)
    network[2].eval()
    flags = [p.requires_grad for p in network.parameters()], [m.training for m in network.modules()]

    def state():
        return [p.requires_grad for p in network.parameters()], [m.training for m in network.modules()]

    with frozen(network), record_activations({HookPoint(0): network[0]}):
        network(torch.tensor([7.0]))
        assert not any(p.requires_grad for p in network.parameters())
        assert not any(m.training for m in network.modules()) and hooks(network) == 1
    assert state() == flags and hooks(network) == 0
    with pytest.raises(RuntimeError, match="layer broke"):
        with (
            frozen(network),
            record_activations({HookPoint(0): network[0], HookPoint(1, "output"): network[1]}),
        ):
            assert hooks(network) == 2
            raise RuntimeError("layer broke")
    assert state() == flags and hooks(network) == 0
    assert all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize(("site", "wanted"), [("input", {0: 7.0, 2: 42.0}), ("output", {0: 14.0, 2: 210.0})])
def test_what_passes_by_is_seen_and_not_changed(network, site, wanted):
    seen = {}
    with watched({0: network[0], 2: network[2]}, lambda number, hidden: seen.update({number: hidden.item()}), site):
        assert network(torch.tensor([7.0])) == 210.0
    assert seen == wanted and hooks(network) == 0


def test_watching_stops_with_what_it_raises(network):
    def stop(number, hidden):
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"), watched({1: network[1]}, stop, "output"):
        network(torch.tensor([7.0]))
    assert hooks(network) == 0
