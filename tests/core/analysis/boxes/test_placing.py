"""Where boxes lie in the picture: each family's numbers, worked out from known places, come back to within a pixel."""

import math

import numpy as np
import pytest

from core.analysis.boxes.placing import CLAMPED, NO_AREA, OUTSIDE, SWAPPED, boxes_of, place
from core.analysis.boxes.reading import find_boxes
from core.models.families import FAMILIES
from core.models.resizing import resized_by_qwen
from core.schema import ExplainRequest, ExplainResult, Target
from core.schema.box_conventions import CONVENTIONS, SeenPicture
from tests.core.analysis.boxes.answers import answer_of
from tests.some import some

SIZES = [(407, 663), (1080, 1920), (368, 434), (960, 540)]
SEEN = {(407, 663): (420, 672), (1080, 1920): (1092, 1932), (368, 434): (364, 448), (960, 540): (952, 532)}
"""By hand: each side the nearest multiple of 28."""
UNKNOWN = {"llava", "llava_onevision", "smolvlm"}


def boxes_in(size):
    width, height = size
    return [(0, 0, width, height), (13, 17, 131, 257), (width - 200, height - 301, width - 7, height - 3)]


def one(values, seen, kind="bbox_2d"):
    [box] = find_boxes(f'{{"{kind}": {list(values)}}}').boxes
    return place(box, seen)


@pytest.mark.parametrize("size", SIZES)
def test_qwen2_5_writes_pixels_of_the_resized_picture(size):
    seen, (width, height) = SEEN[size], size
    columns, rows = resized_by_qwen(size, 28 * 28 * 16384, 28 * 28 * 4, 28)
    assert (28 * columns, 28 * rows) == seen
    for left, top, right, bottom in some(boxes_in(size)):
        # As the model saw it, rounded to whole numbers as it writes them.
        across, down = seen[0] / width, seen[1] / height
        written = [round(left * across), round(top * down), round(right * across), round(bottom * down)]
        box = one(written, SeenPicture("qwen2_5_vl", size, seen))
        assert np.abs(np.subtract(box.pixels, (left, top, right, bottom))).max() <= 1
        assert box.notes == ()


def test_qwen2_5_held_to_few_pixels():
    """A photo that is made much smaller: one pixel of what the model saw is four of the picture's."""
    seen = (504, 896)
    box = one([252, 448, 504, 896], SeenPicture("qwen2_5_vl", (1080, 1920), seen))
    assert box.pixels == (540, 960, 1080, 1920)


@pytest.mark.parametrize("kind", sorted(CONVENTIONS.keys() - {"qwen2_5_vl"}))
@pytest.mark.parametrize("size", SIZES)
def test_the_others_write_thousandths(kind, size):
    width, height = size
    for left, top, right, bottom in some(boxes_in(size)):
        x0, y0, x1, y1 = (
            round(1000 * at / side) for at, side in zip((left, top, right, bottom), size * 2, strict=True)
        )
        is_y_first = kind in ("gemma3", "gemma4")
        box = one((y0, x0, y1, x1) if is_y_first else (x0, y0, x1, y1), SeenPicture(kind, size))
        assert np.abs(np.subtract(box.pixels, (left, top, right, bottom))).max() <= 1
        point = one((y1, x1) if is_y_first else (x1, y1), SeenPicture(kind, size), "point_2d")
        assert np.abs(np.subtract(point.pixels, (right, bottom))).max() <= 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["llava", "qwen2_5_vl", "gemma3"])
def test_paligemmas_marks_say_themselves_what_they_are(kind, size):
    for left, top, right, bottom in some(boxes_in(size)):
        places = [(top, size[1]), (left, size[0]), (bottom, size[1]), (right, size[0])]
        text = "".join(f"<loc{min(1023, round(1024 * at / side)):04d}>" for at, side in places)
        box = place(find_boxes(f"{text} cat").boxes[0], SeenPicture(kind, size))
        # At the far edge 1023 of 1024 is what there is: two pixels of a long side.
        assert np.abs(np.subtract(box.pixels, (left, top, right, bottom))).max() <= max(1, max(size) / 1024)


def test_every_family_is_spoken_of():
    assert CONVENTIONS.keys() | UNKNOWN == FAMILIES.keys() and not CONVENTIONS.keys() & UNKNOWN
    for convention in some(CONVENTIONS.values()):
        assert len(convention.source) > 20


@pytest.mark.parametrize(
    ("written", "pixels", "notes"),
    [
        ((-50, 10, 300, 200), (0, 10, 300, 200), (CLAMPED,)),
        ((300, 200, 100, 50), (100, 50, 300, 200), (SWAPPED,)),
        ((100, 200, 300, 50), (100, 50, 300, 200), (SWAPPED,)),
        ((900, 900, 5000, 100), (900, 100, 1000, 900), (SWAPPED, CLAMPED)),
        ((1e30, 1e30, 2e30, 2e30), None, (OUTSIDE,)),
        ((-30, 10, -20, 20), None, (OUTSIDE,)),
        ((40, 10, 40, 90), (40, 10, 40, 90), (NO_AREA,)),
        ((0, 0, 1000, 1000), (0, 0, 1000, 1000), ()),
    ],
)
def test_bad_boxes_are_put_right_and_say_so(written, pixels, notes):
    box = one(written, SeenPicture("qwen3_vl", (1000, 1000)))
    assert box.pixels == pixels and box.notes == notes
    assert (box.region is None) == (pixels is None or NO_AREA in notes)


def test_points_outside():
    assert one((1200, 5), SeenPicture("qwen3_vl", (100, 100)), "point_2d").notes == (OUTSIDE,)
    assert one((1000, 500), SeenPicture("qwen3_vl", (200, 100)), "point_2d").pixels == (200, 50)


def result_of(text, seen, images=()):
    request = ExplainRequest(image="a", prompt="Where?", model="m", layers=(0,), images=images, target=Target.answer())
    heat = np.ones((1, 4, 4), np.float32)
    return ExplainResult(request, answer_of(text), heat, heat * 0, 10, 8, {}, seen=seen)


def test_boxes_of_a_result():
    text = 'Here: {"bbox_2d": [0, 0, 500, 500], "label": "cat"}'
    found = boxes_of(result_of(text, SeenPicture("qwen3_vl", (100, 200))))
    assert [box.pixels for box in found.each] == [(0, 0, 50, 100)] and found.notes == ()
    assert found.convention is CONVENTIONS["qwen3_vl"]
    assert boxes_of(result_of("A cat.", None)).each == () and boxes_of(result_of("A cat.", None)).notes == ()


def test_what_is_not_known_is_not_guessed():
    text = '{"bbox_2d": [0, 0, 500, 500]}'
    for seen, begin in some(
        [
            (None, "How the model saw the picture was not kept"),
            (SeenPicture("llava", (100, 100)), "It is not known in which coordinates models of the type 'llava' write"),
            (SeenPicture("qwen2_5_vl", (100, 100)), "At which size the model saw the picture is not known"),
        ]
    ):
        found = boxes_of(result_of(text, seen))
        assert [box.pixels for box in found.each] == [None] and math.isfinite(found.each[0].written.values[0])
        assert len(found.notes) == 1 and found.notes[0].startswith(begin)
    # Where a result does not say it, whoever knows the model may.
    known = boxes_of(result_of(text, None), SeenPicture("qwen3_vl", (100, 100)))
    assert known.each[0].pixels == (0, 0, 50, 50) and known.notes == ()


def test_several_pictures_are_said():
    found = boxes_of(result_of('{"bbox_2d": [0, 0, 1, 1]}', SeenPicture("qwen3_vl", (100, 100)), ("a", "b")))
    assert len(found.notes) == 1 and found.notes[0].startswith("The prompt holds several pictures")
