"""What the film through the depth plays."""

import numpy as np

from dashboard.services.open import open_run
from dashboard.ui.compare.film import film_of
from dashboard.ui.compare.measures import lettered
from tests.dashboard.ui.drawing.test_panes import unreel


def test_a_film_has_the_heat_of_each_layer_that_a_run_holds(storage, stored):
    runs = lettered([open_run(stored()), open_run(stored(prompt="few", layers=(2, 5)))])
    head, packets = unreel(film_of(runs, common_scale=False))
    assert head["layers"] == list(range(8)) and head["titles"][3] == "layer 3" and head["scale"] == "own"
    assert [[each["layer"] for each in packet[0]["maps"]] for packet in packets] == [list(range(8)), [2, 5]]
    for each, (told, _, numbers) in zip(runs, packets, strict=True):
        heat = each.run.result.heat
        tops = np.array([map_["top"] for map_ in told["maps"]])[:, None, None]
        assert np.allclose(numbers.reshape(heat.shape) * tops, heat, rtol=2**-10)  # and no errors


def test_a_film_calls_blocks_of_the_vision_tower_blocks(storage, stored):
    tower = stored(part="tower", layers=(0, 1, 2, 3))
    assert unreel(film_of(lettered([open_run(tower)]), common_scale=False))[0]["titles"][3] == "block 3"
    both = lettered([open_run(tower), open_run(stored())])
    assert unreel(film_of(both, common_scale=False))[0]["titles"][3] == "layer 3"


def test_one_scale_for_all_layers_is_told(storage, stored):
    runs = lettered([open_run(stored(layers=(2, 5)))])
    assert unreel(film_of(runs, common_scale=True))[0]["scale"] == "common"
