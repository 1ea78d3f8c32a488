from dataclasses import replace

import numpy as np
import pytest

from core import Answer, ExplainRequest, HeadMaps, InputError, Target
from core.schema.readings.head_maps import heads_request

REQUEST = ExplainRequest(image="i", prompt="What?", model="m", layers=(1, 3), method="attention", noise_std=0.0)


@pytest.fixture
def maps():
    heat = np.arange(2 * 3 * 2 * 2, dtype=np.float32).reshape(2, 3, 2, 2)
    agreement = np.float32([[0.1, 0.9, -0.5], [0.9, 0.2, 0.3]])
    picture = np.float32([[0.5, 0.1, 0.2], [0.3, 0.9, 0.4]])
    return HeadMaps(REQUEST, Answer("red", ()), heat, picture, picture / 2, agreement, 4)


def test_a_head_is_found_by_layer_and_number(maps):
    assert maps.layers == (1, 3) and maps.heads == 3 and maps.grid == (2, 2)
    assert maps.index(3, 2) == (1, 2) and maps.at(3, 2).tolist() == [[20, 21], [22, 23]]
    assert not maps.heat.flags.writeable and not maps.agreement.flags.writeable


def test_orders(maps):
    assert maps.ordered("layer") == [(1, 0), (1, 1), (1, 2), (3, 0), (3, 1), (3, 2)]
    assert maps.ordered() == [(1, 1), (3, 0), (3, 2), (3, 1), (1, 0), (1, 2)]  # equals stay layer by layer
    assert maps.ordered("picture")[0] == (3, 1)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda maps: maps.at(2, 0), "no heads of layer 2 here; choose one of the layers 1, 3"),
        (lambda maps: maps.at(1, 3), "no head 3: a layer of this model has 3, 0 to 2"),
        (lambda maps: maps.ordered("colour"), "no order of heads called 'colour'"),
        (lambda maps: replace(maps, heat=maps.heat[:1]), "do not fit the 2 layers"),
    ],
)
def test_what_is_not_there_is_refused(maps, call, sentence):
    with pytest.raises(InputError, match=sentence):
        call(maps)


def test_noise_method_and_part_do_not_name_heads():
    target = Target.text("red")
    asked = ExplainRequest(image="i", prompt="What?", model="m", layers=(0,), target=target, seed=4, noise_std=0.2)
    tower = replace(asked, part="tower", num_samples=3)
    assert heads_request(asked) == heads_request(tower) and heads_request(asked, (2,)).layers == (2,)
    assert heads_request(asked).target == target and heads_request(asked).noise_std == 0
