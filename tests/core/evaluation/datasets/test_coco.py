"""COCO's object instances, each expected value made by hand."""

import json

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.datasets.coco import PROMPT
from core.evaluation.datasets.opening import open_dataset
from core.export.others.run_lengths import counts_of
from tests.core.evaluation.datasets.folders import SQUARE, cases, coco, image, picture, skipped, thing

SIZE = (6, 8)


def pixels(*places: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    for row, column in places:
        mask[row, column] = True
    return mask


SQUARE_PIXELS = pixels((1, 1), (1, 2), (2, 1), (2, 2))
CORNER = {"segmentation": {"size": [6, 8], "counts": [0, 1, 47]}, "bbox": [0, 0, 1, 1]}


def test_a_row_is_all_objects_of_a_category_in_a_picture(tmp_path):
    path = coco(
        tmp_path,
        [image(4), image(2), image(9)],
        [thing(1, 2, 1), thing(2, 4, 7), thing(3, 2, 1, **CORNER), thing(4, 2, 7, **CORNER)],
    )
    dataset = open_dataset(path)
    rows = cases(dataset)
    assert (dataset.kind, dataset.name, dataset.path, len(dataset)) == ("coco", "data.json", path, 3)
    assert [row.row for row in rows] == ["person in 4.png", "dog in 2.png", "person in 2.png"]
    person, dogs, corner = rows
    assert (dogs.picture, dogs.prompt, dogs.sentence) == (tmp_path / "2.png", PROMPT, None)
    assert (dogs.phrases, dogs.category, dogs.beside) == (("dog", "dogs"), "dog", ("hot dog", "hot dogs"))
    assert (person.phrases, person.beside) == (("person", "people"), ())
    assert np.array_equal(dogs.region(SIZE), SQUARE_PIXELS | pixels((0, 0)))
    assert np.array_equal(person.region(SIZE), SQUARE_PIXELS)
    assert (person.box, dogs.box, corner.box) == ((1, 1, 3, 3), None, (0, 0, 1, 1))


def test_a_crowd_belongs_to_what_a_word_means_and_has_no_box(tmp_path):
    path = coco(tmp_path, [image(1)], [thing(1, 1, 1, iscrowd=1, **CORNER)])
    (crowd,) = cases(open_dataset(path))
    assert crowd.box is None and np.array_equal(crowd.region(SIZE), pixels((0, 0)))


def test_all_ways_to_write_the_same_shape(tmp_path):
    api = pytest.importorskip("pycocotools.mask")
    compressed = api.encode(np.asfortranarray(SQUARE_PIXELS.astype(np.uint8)))["counts"].decode()
    counts = counts_of(SQUARE_PIXELS)
    ways = [
        [SQUARE],
        SQUARE,
        [[1, 1, 2, 1, 2, 3, 1, 3], [2, 1, 3, 1, 3, 3, 2, 3]],
        {"size": [6, 8], "counts": counts},
        {"size": [6, 8], "counts": compressed},
        [],
        None,
    ]
    numbers = range(1, len(ways) + 1)
    things = [thing(number, number, 1, segmentation=way) for number, way in zip(numbers, ways, strict=True)]
    rows = cases(open_dataset(coco(tmp_path, [image(number) for number in numbers], things)))
    assert len(rows) == len(ways)
    assert all(np.array_equal(row.region(SIZE), SQUARE_PIXELS) for row in rows)


def test_pictures_may_have_questions_and_categories_synonyms(tmp_path):
    synonyms = tmp_path / "words.json"
    synonyms.write_text(json.dumps({"Dog": ["puppy", "pup"], "cat": ["kitten"]}))
    path = coco(tmp_path, [image(1, prompt="Which pet?"), image(2)], [thing(1, 1, 1), thing(2, 2, 1)])
    first, second = cases(open_dataset(path, prompt="What is it?", synonyms=synonyms))
    assert (first.prompt, second.prompt) == ("Which pet?", "What is it?")
    assert first.phrases == ("dog", "dogs", "puppy", "puppies", "pup", "pups")


def test_the_records_of_lvis(tmp_path):
    record = {"id": 1, "width": 8, "height": 6, "coco_url": "http://images.example/train2017/1.png"}
    picture(tmp_path / "1.png")
    categories = [{"id": 1, "name": "bow_(ribbon)", "synonyms": ["bow_(ribbon)", "ribbon"]}]
    (row,) = cases(open_dataset(coco(tmp_path, [record], [thing(1, 1, 1)], categories)))
    assert row.picture == tmp_path / "1.png"
    assert row.phrases[:3] == ("bow_(ribbon)", "bow", "bows") and "ribbons" in row.phrases


def test_rows_that_cannot_be_measured_are_named_and_the_rest_goes_on(tmp_path):
    (tmp_path / "5.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    picture(tmp_path / "6.png", (16, 12))
    images = [image(1), image(2), image(3, "no.png"), image(4, "../x.png"), image(5), image(6), image(1, "again.png")]
    images += [image(7, width=0), image(8, "/etc/passwd"), image([9], "9.png"), "10"]
    polygon = thing(1, 2, 7)["segmentation"]
    things = [
        thing(1, 1, 1),
        thing(2, 1, 99),
        thing(3, 77, 1),
        *(thing(10 + number, number, 1) for number in (3, 4, 5, 6, 7, 8)),
        thing(1, 1, 7),
        thing([2], 1, 1),
        thing(30, 2, 1, bbox=[1, 1, -2, 2]),
        thing(31, 2, 2, segmentation={"size": [8, 6], "counts": [48]}),
        thing(32, 2, 7, segmentation=[*polygon, [1, 2, 3]]),
        {"id": 33, "image_id": 1},
        "34",
    ]
    dataset = open_dataset(coco(tmp_path, images, things))
    assert [row.row for row in cases(dataset)] == ["dog in 1.png"]
    why = skipped(dataset)
    expected = {
        "picture 1": "Another picture before it has the same id.",
        "picture 10": "Its id is no number and no text: [9].",
        "picture 11": "It is no record: '10'.",
        "annotation 3": "It is of picture 77, which is not in the file.",
        "annotation 2 in 1.png": "Its category 99 is not in the file.",
        "annotation 1": "Another annotation before it has the same id.",
        "annotation 11": "Its id is no number and no text: [2].",
        "annotation 33": "It does not say its picture and category by their ids.",
        "annotation 16": "It is no record: '34'.",
        "dog in no.png": "The picture 'no.png' cannot be read: No such file or directory.",
        "dog in ../x.png": "The file '../x.png' lies outside of its folder, from which alone files are read.",
        "dog in /etc/passwd": "The file '/etc/passwd' lies outside of its folder, from which alone files are read.",
        "dog in 5.png": "This is a PNG that is damaged or cut off. Save or send it again.",
        "dog in 6.png": "It was annotated on a picture of 8 x 6 pixels, and the file has 16 x 12.",
        "dog in 7.png": "There is no picture of 0 x 6 pixels.",
        "dog in 2.png": "Its box has no area: -2 x 2 pixels.",
        "hot dog in 2.png": "Its run lengths are of 6 x 8 pixels, and the picture has 8 x 6.",
        "person in 2.png": "A polygon is three or more corners, x and y of each, in one list of numbers.",
    }
    assert why == expected
    assert len(dataset) == 1 + len(expected) == len(list(dataset))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"bbox": [1, 1, float("nan"), 2]}, "A box is four numbers"),
        ({"bbox": [1, 1, 2]}, "A box is four numbers"),
        ({"bbox": "1 1 2 2"}, "A box is four numbers"),
        ({"bbox": [6, 1, 4, 2]}, "does not lie in the picture of 8 x 6"),
        ({"bbox": [-3, 1, 4, 2]}, "does not lie in the picture of 8 x 6"),
        ({"segmentation": [], "bbox": None}, "neither a mask nor a box"),
        ({"segmentation": {"counts": [48]}}, "do not say their size"),
        ({"segmentation": {"size": [6, 8], "counts": {}}}, "no list and no text"),
        ({"segmentation": [[1, 1, 2, 2, float("nan"), 3]]}, "A polygon is three or more corners"),
        ({"segmentation": ["abc"]}, "A polygon is three or more corners"),
        ({"segmentation": 3}, "A mask is a list of polygons or run lengths, not 3"),
    ],
)
def test_annotations_that_are_none_are_said(tmp_path, more, sentence):
    path = coco(tmp_path, [image(1)], [thing(1, 1, 1, **more), thing(2, 1, 7)])
    assert sentence in skipped(open_dataset(path))["dog in 1.png"]


@pytest.mark.parametrize(
    ("segmentation", "sentence"),
    [
        ({"size": [6, 8], "counts": [48]}, "mask is empty"),
        ({"size": [6, 8], "counts": [47]}, "of 47 pixels, and the picture of 8 x 6 has 48"),
        ({"size": [6, 8], "counts": "o"}, "cut off"),
        ([[20, 20, 30, 20, 30, 30]], "mask is empty"),
    ],
)
def test_masks_that_are_none_are_said_when_they_are_drawn(tmp_path, segmentation, sentence):
    (row,) = cases(open_dataset(coco(tmp_path, [image(1)], [thing(1, 1, 1, segmentation=segmentation)])))
    with pytest.raises(InputError, match=sentence):
        row.region(SIZE)


def test_masks_are_of_the_picture_as_it_is_stored(tmp_path):
    picture(tmp_path / "1.jpg", orientation=6)
    (row,) = cases(open_dataset(coco(tmp_path, [image(1, "1.jpg")], [thing(1, 1, 1, **CORNER)])))
    turned = row.region((8, 6))
    assert np.argwhere(turned).tolist() == [[0, 5]]  # the upper left corner comes to the upper right
    assert row.box == (5, 0, 6, 1)


def test_masks_of_the_upright_picture_are_known_by_their_size(tmp_path):
    picture(tmp_path / "1.jpg", orientation=6)
    upright = {"segmentation": {"size": [8, 6], "counts": [0, 1, 47]}, "bbox": [0, 0, 1, 1]}
    path = coco(tmp_path, [image(1, "1.jpg", width=6, height=8)], [thing(1, 1, 1, **upright)])
    (row,) = cases(open_dataset(path))
    assert np.argwhere(row.region((8, 6))).tolist() == [[0, 0]] and row.box == (0, 0, 1, 1)


def test_names_of_strangers_cannot_write_to_a_terminal(tmp_path):
    path = coco(tmp_path, [image(1), image(2, "no\x1b[2J.png")], [thing(1, 1, 1), thing(2, 2, 1)])
    (name,) = skipped(open_dataset(path))
    assert name == "dog in no⟪U+001B⟫[2J.png"
