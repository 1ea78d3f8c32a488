"""Which file is meant, where pictures lie, what a data set is called, and how much memory it takes."""

import json
import tracemalloc

import pytest

from core.errors import InputError
from core.evaluation.datasets.opening import open_dataset
from tests.core.evaluation.datasets.folders import cases, coco, image, picture, thing


@pytest.mark.parametrize("place", ["val2017", "images/val2017", "images", "pictures", ".", "annotations"])
def test_pictures_are_found_where_they_usually_lie(tmp_path, place):
    path = coco(tmp_path, [image(1), image(2)], [thing(1, 1, 1)], name="annotations/instances_val2017.json")
    for number in (1, 2):
        (tmp_path / f"{number}.png").unlink()
    there = picture(tmp_path / place / "1.png")
    for given in (path, tmp_path):
        (row,) = cases(open_dataset(given))
        assert row.picture.samefile(there)


def test_pictures_lie_where_one_is_told(tmp_path):
    path = coco(tmp_path, [image(1)], [thing(1, 1, 1)])
    elsewhere = picture(tmp_path / "elsewhere" / "1.png")
    (row,) = cases(open_dataset(str(path), pictures=str(elsewhere.parent)))
    assert row.picture == elsewhere
    with pytest.raises(InputError, match="no folder of pictures at"):
        open_dataset(path, pictures=tmp_path / "none")
    with pytest.raises(InputError, match="The first is dog in 1.png: The picture '1.png' cannot be read"):
        (tmp_path / "empty").mkdir()
        open_dataset(path, pictures=tmp_path / "empty")


def test_a_folder_that_holds_several_or_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no annotations"):
        open_dataset(tmp_path)
    with pytest.raises(InputError, match="There is no data set at"):
        open_dataset(tmp_path / "none.json")
    for name in ("annotations/instances_a.json", "annotations/instances_b.json"):
        coco(tmp_path, [image(1)], [thing(1, 1, 1)], name=name)
    with pytest.raises(InputError, match="several data sets: instances_a.json, instances_b.json. Name one"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ({"images": [image(1)], "annotations": [thing(1, 1, 1)]}, "has no categories"),
        ({"annotations": [thing(1, 1, 1)], "categories": [{"id": 1, "name": "dog"}]}, "has no images"),
        ({"images": [image(1)], "annotations": [{"id": 1, "image_id": 1, "caption": "A dog."}]}, "has no annotations"),
        ({}, "has no images"),
    ],
)
def test_files_without_what_is_needed_are_refused(tmp_path, held, sentence):
    (tmp_path / "a.json").write_text(json.dumps(held))
    with pytest.raises(InputError, match=f"a.json {sentence} in COCO's format"):
        open_dataset(tmp_path)


def test_where_no_row_can_be_measured_the_first_says_why(tmp_path):
    path = coco(tmp_path, [image(1, "no.png")], [thing(1, 1, 1)])
    with pytest.raises(InputError, match="No row of data.json can be measured. The first is dog in no.png: The"):
        open_dataset(path)


@pytest.fixture
def many(tmp_path):
    return coco(tmp_path, [image(n) for n in range(12)], [thing(n, n // 2, 1 + n % 2) for n in range(24)])


def test_some_pictures_are_drawn_by_lot_with_all_their_rows(many):
    rows = [row.row for row in open_dataset(many)]
    some = open_dataset(many, most=4, seed=1)
    drawn = [row.row for row in some]
    assert len(rows) == 24 and len(drawn) == len(some) == 8
    assert drawn == [row for row in rows if row in drawn] == [row.row for row in open_dataset(many, most=4, seed=1)]
    assert len({row.rpartition(" ")[2] for row in drawn}) == 4
    assert drawn != [row.row for row in open_dataset(many, most=4, seed=2)]
    assert rows == [row.row for row in open_dataset(many, most=99)]


def test_the_digest_names_the_file_and_the_options(many, tmp_path):
    words = tmp_path / "words.json"
    words.write_text('{"dog": ["pup"]}')
    options = [{}, {"most": 4}, {"most": 4, "seed": 1}, {"prompt": "What?"}, {"synonyms": words}]
    digests = [open_dataset(many, **each).digest for each in options]
    assert len(set(digests)) == 5 and all(len(each) == 64 for each in digests)
    assert open_dataset(many).digest == digests[0] == open_dataset(many, pictures=tmp_path).digest
    many.write_text(many.read_text() + "\n")
    assert open_dataset(many).digest != digests[0]


@pytest.mark.parametrize("options", [{"most": 0}, {"most": 1.5}, {"most": True}, {"most": "3"}, {"seed": 0.5}])
def test_numbers_that_are_none_are_refused(many, options):
    with pytest.raises(InputError, match="is a whole number"):
        open_dataset(many, **options)


def test_the_table_of_rows_is_small_and_going_through_them_takes_no_more(tmp_path):
    picture(tmp_path / "one.png")
    polygon = [round(1 + number % 7 / 10, 1) for number in range(400)]
    images = [image(number, "one.png") for number in range(500)]
    things = [thing(number, number, 1, segmentation=[polygon]) for number in range(500)]
    path = coco(tmp_path, images, things)
    dataset = open_dataset(path)
    next(iter(dataset))
    tracemalloc.start()
    count = sum(1 for _ in dataset)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == len(dataset) == 500
    assert peak < 200_000 < path.stat().st_size
