"""Hand-made masks, and the COCO API's own reading of the same shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from core.errors import InputError
from core.evaluation.datasets import masks
from core.evaluation.datasets.outlines import has_holes, outlines
from core.export.others.run_lengths import counts_of

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


def drawn(text: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in line] for line in text.split()])


def polygon(*values: float) -> np.ndarray:
    return np.array(values, float).reshape(-1, 2)


def test_pixels_whose_centre_lies_inside_belong_to_a_polygon():
    square = drawn("..... .##.. .##.. .....")
    assert np.array_equal(masks.of_polygon(polygon(1, 1, 3, 1, 3, 3, 1, 3), (4, 5)), square)
    assert np.array_equal(masks.of_polygon(polygon(0.51, 0.51, 3.49, 0.51, 3.49, 3.49, 0.51, 3.49), (4, 5)), square)
    triangle = drawn("#.... ##... ###.. ####.")
    assert np.array_equal(masks.of_polygon(polygon(0, -0.1, 4.2, 4.1, 0, 4.2), (4, 5)), triangle)


def test_what_is_outside_of_the_picture_is_cut_off():
    assert masks.of_polygon(polygon(-9, -9, 50, -9, 50, 50, -9, 50), (4, 5)).all()
    assert not masks.of_polygon(polygon(7, 7, 9, 7, 9, 9), (4, 5)).any()
    assert np.array_equal(masks.of_polygon(polygon(-3, 1, 2, 1, 2, 2, -3, 2), (3, 4)), drawn(".... ##.. ...."))


def test_where_a_polygon_covers_itself_twice_it_is_outside():
    twice = polygon(0, 0, 4, 0, 4, 4, 0, 4, 0, 0, 1, 1, 3, 1, 3, 3, 1, 3, 1, 1)
    assert np.array_equal(masks.of_polygon(twice, (4, 4)), drawn("#### #..# #..# ####"))


def test_several_polygons_are_one_object_also_where_they_overlap():
    both = [polygon(0, 0, 2, 0, 2, 2, 0, 2), polygon(1, 1, 4, 1, 4, 2, 1, 2)]
    assert np.array_equal(masks.of_polygons(both, (3, 4)), drawn("##.. #### ...."))
    assert not masks.of_polygons([], (3, 4)).any()


def test_a_polygon_of_very_many_crossings_is_refused(monkeypatch):
    monkeypatch.setattr(masks, "MOST_CROSSINGS", 7)
    assert masks.of_polygon(polygon(0, 0, 2, 0, 2, 3, 0, 3), (3, 4)).sum() == 6
    with pytest.raises(InputError, match="too many corners"):
        masks.of_polygon(polygon(0, 0, 2, 0, 2, 4, 0, 4), (4, 4))


def test_a_boxs_pixels():
    assert np.array_equal(masks.of_box((1, 0, 3, 2), (3, 4)), drawn(".##. .##. ...."))
    assert np.array_equal(masks.of_box((0.4, 0.4, 1.6, 1.6), (3, 4)), drawn("##.. ##.. ...."))
    assert np.array_equal(masks.of_box((-1, 2, 9, 9), (3, 4)), drawn(".... .... ####"))


def test_run_lengths_go_down_column_by_column():
    mask = drawn("#.. ##. .#.")
    assert counts_of(mask) == [0, 2, 2, 2, 3]
    assert np.array_equal(masks.of_counts([0, 2, 2, 2, 3], (3, 3)), mask)
    assert np.array_equal(masks.of_counts([9], (3, 3)), np.zeros((3, 3), bool))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([4, 4], "of 8 pixels, and the picture of 3 x 3 has 9"),
        ([10**30], "and the picture of 3 x 3 has 9"),
        ([], "of 0 pixels"),
        ([-3, 12], "no counts"),
        ([4.5, 4.5], "no counts"),
        (["9"], "no counts"),
        ([True] * 9, "no counts"),
    ],
)
def test_counts_that_are_none_are_refused(counts, sentence):
    with pytest.raises(InputError, match=sentence):
        masks.of_counts(counts, (3, 3))


@pytest.mark.parametrize("text", ["\x00", "é", "o", "P" * 40, "Po"])
def test_damaged_compressed_run_lengths_are_refused(text):
    with pytest.raises(InputError, match="compressed run lengths are"):
        masks.decompressed(text)


def test_compressed_run_lengths_by_hand():
    # 3 is one character; 40 = 8 + 32 * 1 is two, of which the first says that more follows; -1 is all ones.
    assert masks.decompressed("3") == [3]
    assert masks.decompressed("X1") == [40]
    assert masks.decompressed("352O") == [3, 5, 2, 4]  # the fourth is one less than the second


@given(MASKS)
@settings(max_examples=150, deadline=None)
def test_run_lengths_come_back_and_are_those_of_the_coco_api(mask):
    api = pytest.importorskip("pycocotools.mask")
    counts = counts_of(mask)
    assert np.array_equal(masks.of_counts(counts, mask.shape), mask)
    compressed = api.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert masks.decompressed(compressed) == counts
    both = api.frPyObjects({"counts": counts, "size": list(mask.shape)}, *mask.shape)
    assert np.array_equal(api.decode(both).astype(bool), mask)


@given(MASKS)
@settings(max_examples=150, deadline=None)
def test_outlines_give_the_same_mask_but_for_its_holes(mask):
    again = masks.of_polygons([np.array(each, float).reshape(-1, 2) for each in outlines(mask)], mask.shape)
    assert (again == mask).all() if not has_holes(mask) else (again >= mask).all() and (again != mask).any()


def test_outlines_have_a_corner_where_the_border_turns_and_nowhere_else():
    assert outlines(drawn("... .## .##")) == [[1, 1, 3, 1, 3, 3, 1, 3]]
    assert len(outlines(drawn("#. .#"))) == 2  # pixels that touch in a corner are two parts
    ring = drawn("### #.# ###")
    assert has_holes(ring) and outlines(ring) == [[0, 0, 3, 0, 3, 3, 0, 3]]
    assert not has_holes(drawn("##. #.. ##.")) and outlines(np.zeros((2, 2), bool)) == []


def test_polygons_are_those_of_the_coco_api_but_for_pixels_on_the_edge():
    api = pytest.importorskip("pycocotools.mask")
    random, compared = np.random.default_rng(5), 0
    for _ in range(40):
        angles = np.sort(random.uniform(0, 2 * np.pi, random.integers(3, 12)))
        corners = 60 + np.stack([np.cos(angles), np.sin(angles)], 1) * random.uniform(15, 55, (len(angles), 1))
        theirs = api.decode(api.merge(api.frPyObjects([corners.ravel().tolist()], 120, 120))).astype(bool)
        ours = masks.of_polygon(corners, (120, 120))
        perimeter = np.hypot(*(corners - np.roll(corners, 1, 0)).T).sum()
        compared += int(ours.sum())
        assert (ours ^ theirs).sum() <= perimeter
    assert compared > 40 * 100


def test_the_box_around_marked_pixels():
    assert masks.bounding_box(drawn("..... ..#.. .##..")) == (1, 1, 3, 3)
