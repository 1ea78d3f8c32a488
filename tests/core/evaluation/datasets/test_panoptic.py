"""COCO's panoptic format, each expected value made by hand."""

import json

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.evaluation.datasets.opening import open_dataset
from tests.core.evaluation.datasets.folders import CATEGORIES, cases, image, picture, skipped

SIZE = (6, 8)


def segment(number, category: int, **more) -> dict:
    return {"id": number, "category_id": category, "iscrowd": 0} | more


def annotation(number: int, *segments, file: str | None = None) -> dict:
    return {"image_id": number, "file_name": file or f"{number}.png", "segments_info": list(segments)}


def panoptic(folder, images: list, annotations: list):
    """Writes annotations/panoptic_val.json, its folder of masks, and val/ with the pictures."""
    for record in images:
        picture(folder / "val" / record["file_name"])
    masks = folder / "annotations" / "panoptic_val"
    masks.mkdir(parents=True)
    path = masks.with_suffix(".json")
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": CATEGORIES}))
    return path, masks


def numbered(path, numbers: np.ndarray) -> None:
    colours = np.stack([numbers % 256, numbers // 256 % 256, numbers // 65536], -1)
    Image.fromarray(colours.astype(np.uint8)).save(path)


def quarters() -> np.ndarray:
    numbers = np.full(SIZE, 5)
    numbers[:3, :4], numbers[:3, 4:], numbers[3:, :4] = 300, 70_000, 7
    return numbers


def test_a_row_is_all_segments_of_a_category(tmp_path):
    segments = segment(300, 1, bbox=[0, 0, 4, 3]), segment(70_000, 7), segment(7, 7), segment(5, 2, iscrowd=1)
    path, masks = panoptic(tmp_path, [image(3)], [annotation(3, *segments)])
    numbered(masks / "3.png", quarters())
    dataset = open_dataset(tmp_path)
    assert (dataset.kind, dataset.path, len(dataset)) == ("coco panoptic", path, 3)
    dog, people, crowd = cases(dataset)
    assert [row.row for row in (dog, people, crowd)] == ["dog in 3.png", "person in 3.png", "hot dog in 3.png"]
    assert dog.picture == tmp_path / "val" / "3.png"
    assert np.array_equal(dog.region(SIZE), quarters() == 300)
    assert np.array_equal(people.region(SIZE), (quarters() == 70_000) | (quarters() == 7))
    assert (dog.box, people.box, crowd.box) == ((0, 0, 4, 3), None, None)


def test_rows_that_cannot_be_measured_are_named_and_the_rest_goes_on(tmp_path):
    annotations = [
        annotation(1, segment(7, 1), segment(8, 99)),
        annotation(2, segment(7, 1)),
        annotation(3, segment("7", 1), segment(7, 7)),
        annotation(4, segment(7, 1), file="../panoptic_val/1.png"),
        annotation(5, segment(7, 1)),
        annotation(5, segment(7, 7)),
    ]
    _, masks = panoptic(tmp_path, [image(number) for number in range(1, 6)], annotations)
    for number in (1, 3, 5):
        numbered(masks / f"{number}.png", quarters())
    dataset = open_dataset(tmp_path)
    assert [row.row for row in cases(dataset)] == ["dog in 1.png", "person in 3.png", "dog in 5.png"]
    assert skipped(dataset) == {
        "annotation 5": "Another annotation before it has the same id.",
        "annotation 1 in 1.png": "Its category 99 is not in the file.",
        "dog in 2.png": "Its mask 2.png is missing.",
        "dog in 3.png": "A segment's id is a whole number, by which the PNG's colours name it.",
        "dog in 4.png": "The file '../panoptic_val/1.png' lies outside of its folder, from which alone files are read.",
    }


def grey(path):
    Image.fromarray(np.full(SIZE, 7, np.uint8)).save(path)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: numbered(path, np.full((3, 4), 7)), "mask is of 4 x 3 pixels, and the picture has 8 x 6"),
        (lambda path: numbered(path, np.full(SIZE, 8)), "mask is empty"),
        (grey, "written as colours"),
        (lambda path: path.write_bytes(b"\xff\xd8\xff"), "'1.png' is no PNG"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "'1.png' is damaged"),
    ],
)
def test_masks_that_are_none_are_said_when_they_are_read(tmp_path, write, sentence):
    _, masks = panoptic(tmp_path, [image(1)], [annotation(1, segment(7, 1))])
    write(masks / "1.png")
    (row,) = cases(open_dataset(tmp_path))
    with pytest.raises(InputError, match=sentence):
        row.region(SIZE)


def test_masks_that_were_not_unpacked_are_said(tmp_path):
    path, masks = panoptic(tmp_path, [image(1)], [annotation(1, segment(7, 1))])
    masks.rmdir()
    with pytest.raises(InputError, match="folder panoptic_val beside it, which is missing. Unpack panoptic_val.zip"):
        open_dataset(path)
