"""A run that is saved and read goes on as if it had not stopped."""

import pytest
import torch

from core.embedded.training.optimizers import make_optimizers
from core.embedded.training.recipe import Recipe
from core.embedded.training.state import Standing, load_state, read_standing, save_state

RECIPE = Recipe(minutes=5, seed=3)


def small(seed: int):
    torch.manual_seed(seed)
    model, heads = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.LayerNorm(4)), torch.nn.Linear(4, 2)
    return model, heads, make_optimizers(model, heads, RECIPE)


def learn(model, heads, optimizers, steps: range):
    for step in steps:
        given = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
        heads(model(given)).square().sum().backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    return [weight.detach().clone() for weight in (*model.parameters(), *heads.parameters())]


def test_a_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    whole = learn(*small(0), range(6))
    run = small(0)
    learn(*run, range(3))
    save_state(tmp_path / "state", Standing(RECIPE, 3, 12.5), *run)
    standing = read_standing(tmp_path / "state")
    assert standing == Standing(RECIPE, 3, 12.5)
    again = small(9)
    load_state(tmp_path / "state", *again)
    for one, other in zip(whole, learn(*again, range(3, 6)), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_the_state_is_replaced_whole_and_holds_no_pickle(tmp_path):
    run = small(0)
    learn(*run, range(1))
    for step in (1, 2):
        save_state(tmp_path / "state", Standing(RECIPE, step), *run)
    assert read_standing(tmp_path / "state").step == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["state", "state.json", "state.safetensors"]


def test_a_run_killed_between_two_states_has_the_one_before(tmp_path):
    run = small(0)
    learn(*run, range(1))
    save_state(tmp_path / "state", Standing(RECIPE, 7), *run)
    (tmp_path / "state").rename(tmp_path / "state.old")
    assert read_standing(tmp_path / "state").step == 7
    load_state(tmp_path / "state", *run)


def test_without_a_run_there_is_none_to_go_on_with(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_standing(tmp_path / "state")
