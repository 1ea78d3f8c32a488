import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError, InputError
from core.evaluation.datasets import masks
from core.evaluation.datasets.placement import Placement, placement_of, within
from core.inputs.colours import turned
from core.inputs.pictures import load_picture
from tests.conftest import encode, gradient_picture

BOX = (1.0, 2.0, 5.0, 4.0)


def photo(path, orientation: int, size: tuple[int, int] = (7, 5)):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.write_bytes(encode(gradient_picture(*reversed(size)), "JPEG", exif=exif))
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_masks_and_boxes_are_turned_upright_with_their_picture(tmp_path, orientation):
    path = photo(tmp_path / "a.jpg", orientation)
    placement = placement_of(path)
    assert placement == Placement(7, 5, orientation)
    width, height = load_picture(path).size
    assert placement.upright == (width, height)
    mask = placement.region(lambda size: masks.of_box(BOX, size))((height, width))
    assert mask.flags.c_contiguous and np.array_equal(mask, turned(masks.of_box(BOX, (5, 7)), orientation))
    assert masks.bounding_box(mask) == placement.upright_box(BOX)


def test_a_quarter_turn_by_hand():
    # Stored lying, shown turned clockwise: the lower left corner comes to the upper left.
    placement = Placement(7, 5, 6)
    assert placement.upright_box((0, 4, 1, 5)) == (0, 0, 1, 1)
    assert placement.upright_box((6, 0, 7, 1)) == (4, 6, 5, 7)


def test_annotations_of_the_upright_picture_are_known_by_their_size():
    placement = Placement(7, 5, 6)
    assert placement.of_annotations((7, 5)) == placement
    assert placement.of_annotations(None) == placement
    assert placement.of_annotations((5, 7)) == Placement(5, 7)
    with pytest.raises(InputError, match="annotated on a picture of 14 x 10 pixels, and the file has 7 x 5"):
        placement.of_annotations((14, 10))


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ((3, 1, 3, 2), "no area"),
        ((3, 2, 2, 4), "no area"),
        ((float("nan"), 0, 2, 2), "no area"),
        ((-2, 0, 2, 2), "left, top, right, bottom: -2, 0, 2, 2. does not lie in the picture of 7 x 5"),
        ((0, 0, 8.5, 2), "does not lie in the picture"),
        ((0, 0, 2, float("inf")), "does not lie in the picture"),
        ((7.2, 0, 7.9, 2), "on the edge of the picture"),
    ],
)
def test_boxes_that_are_none_are_said(box, sentence):
    with pytest.raises(InputError, match=sentence):
        Placement(7, 5).upright_box(box)


def test_a_box_that_stands_over_by_its_rounding_is_cut():
    assert Placement(7, 5).upright_box((-0.4, 0, 7.6, 5.5)) == (0, 0, 7, 5)


def test_a_mask_of_another_size_or_without_a_pixel_is_said():
    placement = Placement(7, 5)
    with pytest.raises(InputError, match="mask is of 5 x 7 pixels, and the picture has 7 x 5"):
        placement.region(lambda size: np.ones((7, 5), bool))((5, 7))
    with pytest.raises(InputError, match="mask is of 7 x 5 pixels, and the picture has 4 x 3"):
        placement.region(lambda size: np.ones(size, bool))((3, 4))
    with pytest.raises(InputError, match="mask is empty"):
        placement.region(lambda size: np.zeros(size, bool))((5, 7))


def test_pictures_that_cannot_be_read_are_said(tmp_path):
    with pytest.raises(ImageError, match=r"'none.jpg' cannot be read: No such file"):
        placement_of(tmp_path / "none.jpg")
    (tmp_path / "cut.jpg").write_bytes(photo(tmp_path / "a.jpg", 1, (90, 80)).read_bytes()[:700])
    with pytest.raises(ImageError, match="damaged or cut off"):
        placement_of(tmp_path / "cut.jpg")
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(ImageError):
        placement_of(tmp_path / "text.jpg")
    with pytest.raises(ImageError, match="is no file"):
        placement_of(tmp_path)


def test_a_very_large_jpeg_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.inputs.decoding.FULL_JPEG", 100)
    with pytest.raises(ImageError, match="read at half its size"):
        placement_of(photo(tmp_path / "a.jpg", 1, (64, 48)))


def test_files_lie_in_their_folder(tmp_path):
    assert within(tmp_path, "val/a b.jpg") == tmp_path / "val" / "a b.jpg"
    assert within(tmp_path, "val\\ä..jpg") == tmp_path / "val" / "ä..jpg"


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a.jpg", "a/../../b.jpg", "..\\a.jpg", "\\\\host\\a.jpg", "C:\\a.jpg", "C:a.jpg"]
)
def test_files_elsewhere_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="lies outside of its folder"):
        within(tmp_path, name)


@pytest.mark.parametrize("name", [None, 3, "", "  ", ["a.jpg"], "a\0.jpg", "\ud800.jpg"])
def test_what_names_no_file_is_said(tmp_path, name):
    with pytest.raises(InputError, match="names no file"):
        within(tmp_path, name)
