"""What the film through the depth plays."""

from dashboard.services.open import open_run
from dashboard.ui.compare.film import film_of
from dashboard.ui.compare.measures import lettered


def test_a_film_has_a_picture_for_each_layer_that_a_run_holds(storage, stored):
    runs = lettered([open_run(stored()), open_run(stored(prompt="few", layers=(2, 5)))])
    film = film_of(runs, common_scale=False)
    assert film["layers"] == list(range(8)) and film["word"] == "layer"
    assert all(film["runs"][0]["frames"])
    assert [bool(frame) for frame in film["runs"][1]["frames"]] == [layer in (2, 5) for layer in range(8)]


def test_a_film_calls_blocks_of_the_vision_tower_blocks(storage, stored):
    tower = stored(part="tower", layers=(0, 1, 2, 3))
    assert film_of(lettered([open_run(tower)]), common_scale=False)["word"] == "block"
    assert film_of(lettered([open_run(tower), open_run(stored())]), common_scale=False)["word"] == "layer"


def test_on_one_scale_for_all_layers_a_weak_layer_looks_weaker(storage, stored):
    runs = lettered([open_run(stored(layers=(2, 5)))])
    own, common = (film_of(runs, common_scale=scale)["runs"][0]["frames"] for scale in (False, True))
    assert common[0] != own[0] and common[1] == own[1]  # the strongest layer sets the scale
