"""What is sent of maps that are looked at beside each other."""

import json

import numpy as np

from dashboard.language import speaking
from dashboard.ui.drawing.maps import Difference, maps_of
from dashboard.ui.drawing.panes import Side, reel
from tests.dashboard.ui.drawing.test_packet import made, unpack

CHOICES = [(0, "layer 0"), (1, "layer 1")]


def unreel(data: bytes) -> tuple[dict, list[tuple[dict, np.ndarray, np.ndarray]]]:
    """(head, of each packet its own head, picture and numbers), as the browser does it."""
    at = 4 + int.from_bytes(data[:4], "little")
    head, packets = json.loads(data[4:at]), []
    for length in head["lengths"]:
        packets.append(unpack(data[at : at + length]))
        at += length
    assert at == len(data)
    return head, packets


def side(heat: np.ndarray, letter: str, shape: tuple[int, int] = (8, 12)) -> Side:
    return Side(
        np.zeros((*shape, 3), np.uint8), list(maps_of(made(heat))), [f"{letter}, {title}" for _, title in CHOICES]
    )


def test_each_choice_has_a_map_and_a_title_on_every_side():
    heat = np.random.default_rng(0).random((2, 2, 3))
    head, packets = unreel(reel([side(heat, "A"), side(2 * heat, "B")], CHOICES, "AB", swipes=True))
    assert [(each["value"], each["title"], each["titles"]) for each in head["choices"]] == [
        (0, "layer 0", ["A, layer 0", "B, layer 0"]),
        (1, "layer 1", ["A, layer 1", "B, layer 1"]),
    ]
    assert head["letters"] == ["A", "B"] and head["swipes"]
    for factor, (told, _, numbers) in enumerate(packets, 1):
        tops = np.array([each["top"] for each in told["maps"]])[:, None, None]
        assert np.allclose(numbers.reshape(2, 2, 3) * tops, factor * heat, rtol=2**-10)
        assert not any(each["isDifference"] for each in told["maps"])


def test_pictures_of_one_shape_are_moved_together_and_others_by_themselves():
    heat = np.ones((2, 2, 3))
    for shape, shared in (((16, 24), True), ((8, 8), False)):
        head, _ = unreel(reel([side(heat, "A"), side(heat, "B", shape)], CHOICES, "AB", swipes=False))
        assert head["shared"] is shared


def test_a_small_difference_arrives_as_exactly_as_a_large_one():
    differs = np.array([[-3e-7, 0.0, 1e-7]])
    one = Side(np.zeros((4, 6, 3), np.uint8), [Difference(3, differs, "heat")], ["A less B"])
    _, ((told, _, numbers),) = unreel(reel([one], [(3, "layer 3")], "AB", swipes=False))
    (map_,) = told["maps"]
    assert (map_["isDifference"], map_["top"], map_["layer"], map_["name"]) == (True, 3e-7, 3, "difference-3")
    assert np.allclose(numbers.reshape(1, 3) * np.float64(map_["top"]), differs, rtol=2**-10)


def test_its_words_are_in_the_language_that_is_spoken():
    sides = [side(np.ones((2, 2, 3)), "A")]
    english, _ = unreel(reel(sides, CHOICES, "AB", swipes=False))
    with speaking("zh_Hans"):
        chinese, _ = unreel(reel(sides, CHOICES, "AB", swipes=False))
    assert english["words"]["buttons"]["blink"] == "Blink"
    for kind in ("labels", "buttons", "titles"):
        pairs = zip(english["words"][kind].values(), chinese["words"][kind].values(), strict=True)
        assert all(one != other for one, other in pairs), kind
    assert chinese["words"]["buttons"]["blink"] == "交替显示"
