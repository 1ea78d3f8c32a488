from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.export.others.entries import HALF, Entry, Threshold, entries_of, found_in, label_of
from core.schema import Target
from core.schema.box_conventions import SeenPicture
from tests.core.export.others.makers import SIZE, entry_of, result_of


def test_what_is_found_in_a_picture():
    region, cat, nose = found_in(entry_of(), HALF)
    assert (region.kind, region.label) == ("heat", "answer") and region.score == pytest.approx(0.9)
    assert region.pixels == (0, 0, 240, 100) and region.region.area == 3 * 80 * 50
    assert (cat.kind, cat.label, cat.pixels) == ("answer", 'a "cat" <1>', (0, 0, 200, 100))
    assert (nose.label, nose.pixels, nose.corners) == ("nose", (360, 180), (359.5, 179.5, 360.5, 180.5))
    assert all(0 <= each.score <= 1 and each.region is None for each in (cat, nose))


def test_the_map_that_was_asked_for_is_read():
    own = result_of(method="hirescam")
    (region, *_) = found_in(Entry(own, "a.png", SIZE), HALF)
    assert region.region.cells.all()  # the layer's even map, and not the combined one


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ("A red circle.", None, "A red circle."),
        ("x" * 61, None, "answer"),
        ("", None, "answer"),
        ("A red\ncircle", Target.words("red circle"), "red circle"),
        ("A red circle", Target.tokens(2, 3), "red"),
        ("A red circle", Target.contrast(2, "blue"), "red"),
        ("A \u202ered", None, "A ⟪U+202E⟫red"),
    ],
)
def test_a_category_is_what_is_explained(text, target, label):
    assert label_of(result_of(text, target)) == label


def test_entries_of_several_pictures():
    first, images = result_of(), ("a" * 64, "b" * 64)
    other = result_of(images=images, picture=1, image=images[1], seen=SeenPicture("qwen3_vl", (5, 6)))
    both = replace(result_of(images=images), pictures=(result_of(images=images), other))
    told = [(entry.name, entry.size) for entry in entries_of(both, ["a.png", "b.png"])]
    assert told == [("a.png", SIZE), ("b.png", (5, 6))]
    assert entries_of(first, "a.png", [[3, 4]])[0].size == (3, 4)
    for names in ("a.png", ["a.png"], [], None, 5):
        with pytest.raises(InputError, match="2 pictures needs as many names"):
            entries_of(both, names)
    with pytest.raises(InputError, match="needs as many sizes"):
        entries_of(first, "a.png", [])
    with pytest.raises(InputError, match="how large the picture 'a.png' is"):
        entries_of(result_of(seen=None), "a.png")


@pytest.mark.parametrize("name", ["", " ", None, 3])
def test_a_picture_has_a_name(name):
    with pytest.raises(InputError, match="The name of a picture"):
        Entry(result_of(), name, SIZE)


@pytest.mark.parametrize("size", [(0, 1), (1.5, 2), (3,), None, "ab", (True, 2)])
def test_a_picture_has_a_size(size):
    with pytest.raises(InputError, match="width and height"):
        Entry(result_of(), "a.png", size)


@pytest.mark.parametrize("values", [{"share": 0}, {"share": 1.1}, {"share": np.nan}, {"top_share": 0}, {"share": "a"}])
def test_a_threshold_is_a_share(values):
    with pytest.raises(InputError, match="above 0 and at most 1"):
        Threshold(**values)
