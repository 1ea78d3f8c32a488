"""Tables of one's own, each expected value made by hand."""

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.evaluation.datasets import tables
from core.evaluation.datasets.opening import open_dataset
from tests.core.evaluation.datasets.folders import cases, picture, skipped

SIZE = (6, 8)


def table(folder, *lines: str, name: str = "rows.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_line_is_a_row(tmp_path):
    picture(tmp_path / "a.png"), picture(tmp_path / "sub" / "ä b.png")
    mask = np.zeros(SIZE, bool)
    mask[2, 3] = True
    Image.fromarray(mask).save(tmp_path / "m.png")
    table(
        tmp_path,
        "Picture,prompt,phrase,mask,box,sentence,category,note",
        'a.png, What? ,dog | the puppy|,,"1, 1, 3, 3",,animal,x',
        "sub/ä b.png,Where?,,m.png,,A dog.,,",
        "",
        'a.png,Why?,,m.png,"3, 2, 4, 3"',
    )
    dataset = open_dataset(tmp_path)
    first, third, second = cases(dataset)  # those of a picture follow each other
    assert (dataset.kind, dataset.name, len(dataset)) == ("csv", "rows.csv", 3)
    assert [row.row for row in (first, second, third)] == ["line 2", "line 3", "line 5"]
    assert (first.prompt, first.phrases, first.sentence) == ("What?", ("dog", "the puppy"), None)
    assert (first.category, first.box, second.sentence) == ("animal", (1, 1, 3, 3), "A dog.")
    assert (second.picture, second.phrases, second.box) == (tmp_path / "sub" / "ä b.png", (), None)
    assert np.argwhere(first.region(SIZE)).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]
    assert np.array_equal(second.region(SIZE), mask) and np.array_equal(third.region(SIZE), mask)
    assert third.box == (3, 2, 4, 3)


@pytest.mark.parametrize(("between", "name"), [(";", "rows.csv"), ("\t", "rows.tsv")])
def test_tables_as_other_programs_write_them(tmp_path, between, name):
    picture(tmp_path / "a.png")
    path = table(
        tmp_path, between.join(["picture", "box", "prompt"]), between.join(["a.png", "1,1,3,3", "Wo?"]), name=name
    )
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (row,) = cases(open_dataset(path))
    assert (row.prompt, row.box) == ("Wo?", (1, 1, 3, 3))


def marked(mode: str) -> Image.Image:
    """A mask of (3, 2) pixels in a mode of PNGs, of which the middle one of the first row is marked."""
    made = Image.new(mode, (3, 2))
    made.putpixel((1, 0), {"RGB": (0, 0, 9), "RGBA": (9, 9, 9, 200), "LA": (9, 255)}.get(mode, 1))
    if mode == "RGBA":
        made.putpixel((2, 1), (255, 255, 255, 0))  # white, and not to be seen
    if mode == "P":
        made.putpalette([50, 60, 70, 0, 0, 0])  # the number counts, not the colour
    return made


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_mask_png(tmp_path, mode):
    picture(tmp_path / "a.png", (3, 2))
    marked(mode).save(tmp_path / "m.png")
    path = table(tmp_path, "picture,mask", "a.png,m.png")
    (row,) = cases(open_dataset(path, prompt="What?"))
    assert np.argwhere(row.region((2, 3))).tolist() == [[0, 1]]


def test_masks_and_boxes_are_of_the_picture_as_it_is_stored(tmp_path):
    picture(tmp_path / "a.jpg", orientation=6)
    mask = Image.new("L", (8, 6))
    mask.putpixel((0, 0), 255)
    mask.save(tmp_path / "m.png")
    path = table(tmp_path, "picture,mask,box,prompt", 'a.jpg,m.png,"0,0,1,1",What?')
    (row,) = cases(open_dataset(path))
    assert np.argwhere(row.region((8, 6))).tolist() == [[0, 5]] and row.box == (5, 0, 6, 1)


def test_lines_that_cannot_be_measured_are_named_and_the_rest_goes_on(tmp_path):
    picture(tmp_path / "a.png")
    lines = [
        'a.png,What?,"1,1,3,3",',
        'a.png,,"1,1,3,3",',
        "a.png,What?,,",
        "a.png,What?,1 1 3 3,",
        'a.png,What?,"1,1,nan,3",',
        'a.png,What?,"-5,1,3,3",',
        "a.png,What?,,none.png",
        "a.png,What?,,../m.png",
        "a.png,What?,1,1,3,3",
        'no.png,What?,"1,1,3,3",',
        '../a.png,What?,"1,1,3,3",',
        ",What?,,",
    ]
    dataset = open_dataset(table(tmp_path, "picture,prompt,box,mask", *lines))
    assert [row.row for row in cases(dataset)] == ["line 2"]
    why = skipped(dataset)
    assert why == {
        "line 10": "It has 6 cells for 4 columns. Quote cells that hold commas.",
        "line 3": "It has no prompt. Fill in the column, or say one for all.",
        "line 4": "It has neither a mask nor a box.",
        "line 5": "A box is written as left, top, right, bottom in pixels, not '1 1 3 3'.",
        "line 6": "A box is four finite numbers, not '1,1,nan,3'.",
        "line 7": "Its box (left, top, right, bottom: -5, 1, 3, 3) does not lie in the picture of 8 x 6 pixels.",
        "line 8": "Its mask 'none.png' is missing.",
        "line 9": "The file '../m.png' lies outside of its folder, from which alone files are read.",
        "line 11": "The picture 'no.png' cannot be read: No such file or directory.",
        "line 12": "The file '../a.png' lies outside of its folder, from which alone files are read.",
        "line 13": "It names no file: ''.",
    }


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "has no column 'picture'"),
        (b"image,prompt\na.png,What?\n", "has no column 'picture'. Its first line names the columns: picture, prompt"),
        (b"picture,picture\n", "has two columns 'picture'"),
        (b"picture,prompt\na.png,caf\xe9\n", "not written in UTF-8: line 2"),
        ("picture,prompt\n".encode("utf-16"), "not written in UTF-8: line 1"),
        (b'picture,prompt\na.png,"What\n', "no whole CSV: line 2"),
        (b"picture,prompt\na.png," + b"x" * 200_000, "no whole CSV: line 2"),
        (b"picture,prompt\n", "No row of rows.csv can be measured"),
        (b"picture,prompt\nno.png,What?\n", "can be measured. The first is line 2: The picture 'no.png'"),
    ],
)
def test_tables_that_are_none_are_refused(tmp_path, data, sentence):
    (tmp_path / "rows.csv").write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        open_dataset(tmp_path / "rows.csv")


def test_a_table_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_BYTES", 5)
    with pytest.raises(InputError, match="larger than 0 MB"):
        open_dataset(table(tmp_path, "picture"))
