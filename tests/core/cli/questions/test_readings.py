"""`python -m core heads` and `python -m core lens`."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import main
from tests.conftest import encode, gradient_picture
from tests.some import some


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(gradient_picture(168, 252), "PNG"))
    return str(path)


def test_heads_become_a_sheet_numbers_and_a_table(photo, tmp_path, capsys):
    folder = tmp_path / "out"
    said = ["--prompt", "Where is the red square?", "--text", "a red square", "--words", "red"]
    assert main(["heads", photo, *said, "--order", "layer", "--output_dir", str(folder)]) == 0
    table = capsys.readouterr().out
    assert "agreement" in table and len(table.splitlines()) == 13 and f"Files are in {folder}" in table
    told = json.loads((folder / "heads.json").read_text("utf-8"))
    assert told["layers"] == list(range(8)) and told["heads"] == 4 and told["answer"] == "a red square"
    assert len(told["best"]) == 20 and told["best"][0]["agreement"] == max(map(max, told["agreement"]))
    with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
        assert arrays["heat"].shape == (8, 4, 6, 9)
    with Image.open(folder / "heads.png") as sheet:
        # A row a layer: four tiles of 96 x 64 with gaps of 4, captions of 12, and margins of 8.
        assert sheet.size == (16 + 4 * 100 - 4, 16 + 8 * 80 - 4)


def test_json_is_all_that_is_printed(photo, tmp_path, capsys):
    assert main(["heads", photo, "--json", "--layers", "1", "-1", "--output_dir", str(tmp_path / "out")]) == 0
    assert json.loads(capsys.readouterr().out)["layers"] == [1, 7]
    assert main(["lens", photo, "--json", "--cell", "1", "2", "--output_dir", str(tmp_path / "out")]) == 0
    (cell,) = json.loads(capsys.readouterr().out)["cells"]
    assert (cell["row"], cell["column"]) == (1, 2)
    for said in some(cell["layers"].values()):
        assert len(said) == 5 and said[0]["probability"] >= said[-1]["probability"] > 0


def test_a_lens_becomes_a_table_and_a_word_a_sheet(photo, tmp_path, capsys):
    folder = tmp_path / "out"
    assert main(["lens", photo, "--word", "red", "--layers", "5", "7", "--output_dir", str(folder)]) == 0
    assert "6 rows and 9 columns" in capsys.readouterr().out
    lines = list(csv.DictReader((folder / "lens.csv").read_text("utf-8").splitlines()))
    assert len(lines) == 2 * 54 * 5 and {line["layer"] for line in lines} == {"5", "7"}
    with Image.open(folder / "lens.png") as sheet:
        assert sheet.width == 2 * (360 + 16) + 16


def test_one_cell_is_printed(photo, tmp_path, capsys):
    assert main(["lens", photo, "--cell", "0", "0", "--output_dir", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[1:9]] == list("01234567")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["heads", "nowhere.png"], "nowhere.png"),
        (["heads", "PHOTO", "--layers", "9"], "no layer 9"),
        (["heads", "PHOTO", "--text", "a red square", "--words", "giraffe"], "giraffe"),
        (["lens", "PHOTO", "--cell", "6", "0"], "6 rows and 9 columns"),
        (["lens", "PHOTO", "--word", " "], "Type one"),
    ],
)
def test_bad_input_ends_with_a_sentence(photo, tmp_path, capsys, arguments, sentence):
    given = [photo if each == "PHOTO" else each for each in arguments]
    assert main([*given, "--output_dir", str(tmp_path / "out")]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ") and sentence in last
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(photo, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert main(["lens", photo, "--cell", "0", "0", "--output_dir", str(tmp_path / "out")]) == 2
    assert "Choose another --output_dir" in capsys.readouterr().err
