import json

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import main
from core.export.npz import to_npz
from core.inputs.pictures import load_picture
from tests.core.export.others.makers import result_of


@pytest.fixture
def pictures(tmp_path):
    """A folder with two pictures and a text; their paths below it."""
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    for number, name in enumerate(("cat.png", "inner/dög.png")):
        Image.fromarray(np.full((200, 400, 3), 40 + number, np.uint8)).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def results(tmp_path, pictures):
    """A folder of results about these pictures, and a file that is none."""
    for number, name in enumerate(("cat.png", "inner/dög.png")):
        folder = tmp_path / "results" / str(number)
        folder.mkdir(parents=True)
        digest = load_picture(pictures / name).digest
        (folder / "result.npz").write_bytes(to_npz(result_of(image=digest)))
    return tmp_path / "results"


def run(*arguments):
    return main(["export", *map(str, arguments)])


def test_several_results_are_one_data_set(results, pictures, tmp_path, capsys):
    assert run(results, "--to", "coco", "--pictures", pictures, "--output", tmp_path / "out", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "results": 2,
        "pictures": 2,
        "folder": str(tmp_path / "out"),
        "files": [str(tmp_path / "out" / "coco.json")],
    }
    coco = json.loads((tmp_path / "out" / "coco.json").read_text("utf-8"))
    assert [each["file_name"] for each in coco["images"]] == ["cat.png", "inner/dög.png"]
    assert [each["image_id"] for each in coco["annotations"]] == [1, 1, 1, 2, 2, 2]


def test_fiftyone_gets_pictures_where_they_are_and_label_studio_addresses(results, pictures, tmp_path, capsys):
    assert run(results, "--to", "fiftyone", "--pictures", pictures, "--output", tmp_path / "fo") == 0
    samples = json.loads((tmp_path / "fo" / "samples.json").read_text("utf-8"))["samples"]
    assert samples[0]["filepath"] == str(pictures / "cat.png")
    assert (tmp_path / "fo" / samples[1]["heat"]["map_path"]).is_file()
    assert "2 results, 2 pictures for FiftyOne. Files are in " in capsys.readouterr().out
    one = results / "0" / "result.npz"
    file = pictures / "cat.png"
    arguments = (one, "--to", "label-studio", "--pictures", file, "--prefix", "s3://bucket/", "--threshold", "0.2")
    assert run(*arguments, "--output", tmp_path / "ls") == 0
    (task,) = json.loads((tmp_path / "ls" / "tasks.json").read_text("utf-8"))
    assert task["data"]["image"] == "s3://bucket/cat.png" and (tmp_path / "ls" / "label_config.xml").is_file()
    assert "1 result, 1 picture for Label Studio" in capsys.readouterr().out


def test_without_pictures_a_result_that_knows_its_size_is_called_by_its_digest(results, tmp_path, capsys):
    assert run(results / "1", "--to", "coco", "--output", tmp_path / "out") == 0
    (image,) = json.loads((tmp_path / "out" / "coco.json").read_text("utf-8"))["images"]
    assert image["file_name"].endswith(".png") and (image["width"], image["height"]) == (400, 200)
    assert "--pictures finds its file" in capsys.readouterr().err


def test_a_bad_result_costs_itself_alone(results, tmp_path, capsys):
    (results / "2").mkdir()
    (results / "2" / "result.npz").write_bytes(b"no archive")
    assert run(results, "--to", "coco", "--output", tmp_path / "out", "--json") == 1
    told = capsys.readouterr()
    wrong, written = map(json.loads, told.out.splitlines())
    assert wrong["result"].endswith("2/result.npz") and wrong["error"] and written["results"] == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["/nowhere.npz"], "cannot be read"),
        (["RESULTS", "--threshold", "2"], "above 0 and at most 1"),
        (["RESULTS", "--top_share", "nan"], "above 0 and at most 1"),
        (["RESULTS", "--pictures", "/nowhere.png"], "cannot be read"),
        (["RESULTS", "--pictures", "OTHER"], "not among those that were named"),
        (["OTHER"], "cannot be read"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(results, tmp_path, capsys, wrong, sentence):
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(other / "black.png")
    arguments = [{"RESULTS": str(results), "OTHER": str(other)}.get(each, each) for each in wrong]
    assert run(*arguments, "--to", "coco", "--output", tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert sentence in told and "Traceback" not in told and not (tmp_path / "out").exists()


def test_a_result_without_the_size_of_its_picture(tmp_path, capsys):
    (tmp_path / "result.npz").write_bytes(to_npz(result_of(seen=None)))
    assert run(tmp_path / "result.npz", "--to", "coco", "--output", tmp_path / "out") == 2
    assert "how large its picture is" in capsys.readouterr().err
