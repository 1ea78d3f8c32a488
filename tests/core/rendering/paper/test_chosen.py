"""Which map a figure shows."""

import numpy as np
import pytest

from core.errors import InputError
from core.rendering.paper.chosen import chosen_map


def test_the_asked_map_or_a_layers(with_combined, make_result):
    assert chosen_map(with_combined).name == "the combined map"
    chosen = chosen_map(with_combined, 5)
    assert np.array_equal(chosen.heat, with_combined.at(5)) and chosen.name == "layer 5 of 8 by Gradient deviation"
    assert chosen_map(make_result(layers=(), method="tam")).name == "the map by TAM"
    assert chosen.step_title == "" and chosen.step is None


def test_of_a_video_the_hottest_step_unless_another_is_asked_for(make_result):
    film = make_result(frames=6)
    assert (chosen_map(film, 2).step, chosen_map(film, 2).step_title) == (2, "2.00 to 3.00 s")
    assert np.array_equal(chosen_map(film, 2, 1).heat, film.at(2)[1])
    assert chosen_map(film, 2).all_steps.shape == (3, 2, 3)


@pytest.mark.parametrize(
    ("frames", "given"),
    [(0, {"layer": 1}), (0, {"step": 1}), (6, {"step": 3}), (6, {"step": True}), (0, {"layer": "2"})],
)
def test_other_maps_are_refused(make_result, frames, given):
    with pytest.raises(InputError):
        chosen_map(make_result(frames=frames), **given)


def test_what_is_no_result_is_refused():
    with pytest.raises(InputError, match="an ExplainResult"):
        chosen_map("result")
