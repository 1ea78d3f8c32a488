"""Scenes as data sets: what is read back is what was drawn."""

import json

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.datasets.__main__ import main
from core.evaluation.datasets.convert import FORMATS, MOST_SEED, phrases_in, scenes, write
from core.evaluation.datasets.matching import where_said
from core.evaluation.datasets.opening import open_dataset
from core.inputs.pictures import load_picture
from tests.core.evaluation.datasets.folders import cases

KINDS = ("where", "color", "shape", "at", "where_zh", "describe_en", "describe_zh")
COUNT = 14


@pytest.fixture(scope="module")
def drawn():
    return list(scenes(COUNT, 3, KINDS))


@pytest.mark.parametrize("format_name", FORMATS)
def test_pictures_questions_phrases_and_masks_come_back(tmp_path, drawn, format_name):
    path = write(tmp_path / "set", format_name, COUNT, 3, KINDS)
    dataset = open_dataset(tmp_path / "set")
    rows = cases(dataset)
    assert dataset.path == path and len(rows) == len(dataset)
    expected = [(scene, phrase) for scene in drawn for phrase in phrases_in(scene)]
    assert len(rows) == len(expected) > COUNT
    for row, (scene, phrase) in zip(rows, expected, strict=True):
        picture = load_picture(row.picture)
        assert picture.digest == load_picture(scene.image).digest
        assert row.prompt == scene.question and row.category == phrase
        mask = scene.masks[phrase]
        assert np.array_equal(row.region(mask.shape), mask)
        if format_name == "refer":
            assert row.sentence == phrase
        else:
            assert where_said(row, scene.answer).phrase == phrase


def test_masks_with_holes_are_run_lengths_and_others_polygons(tmp_path):
    path = write(tmp_path / "set", "coco", COUNT, 3, KINDS)
    kinds = {type(each["segmentation"]) for each in json.loads(path.read_text("utf-8"))["annotations"]}
    assert kinds == {list, dict}


def test_the_scenes_are_those_of_the_built_in_evaluation():
    from core.evaluation.benchmark.answer_matching import SHORT
    from core.evaluation.benchmark.localisation import SEEDS
    from core.evaluation.datasets import convert
    from core.scenes.scene import sample

    assert (convert.SEEDS, convert.KINDS) == (SEEDS, SHORT)
    by_hand = [sample(SEEDS[n], kind=SHORT[n % 5], objects=2 + n // 5 % 3) for n in range(8)]
    assert [scene.question for scene in scenes(4)] == [scene.question for scene in by_hand if scene.masks][:4]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("word", 3), "The formats are coco, panoptic, refer, csv, not 'word'"),
        (("coco", 0), "Scenes are 1 to 5,000"),
        (("coco", 10**9), "Scenes are 1 to 5,000"),
        (("coco", 3, -1), "a seed is 0 to"),
        (("coco", 3, MOST_SEED + 1), "a seed is 0 to"),
        (("coco", 3, 0, ("poem",)), "The kinds of question are .*not 'poem'"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        write(tmp_path / "set", *arguments)
    assert not (tmp_path / "set").exists()


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files. Name a new or an empty folder"):
        write(tmp_path, "csv", 1)
    with pytest.raises(InputError, match="cannot be written: Not a directory|cannot be written: File exists"):
        write(tmp_path / "mine.txt", "csv", 1)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_and_goes_through_a_data_set(tmp_path, capsys):
    folder = str(tmp_path / "set")
    assert main([folder, "--format", "panoptic", "--scenes", "3", "--seed", "2"]) == 0
    assert "3 scenes are in" in capsys.readouterr().out
    assert main([folder, "--check"]) == 0
    assert "panoptic_scenes.json (coco panoptic): 3 of 3 rows can be measured" in capsys.readouterr().out
    (tmp_path / "set" / "scenes" / "000001.png").write_bytes(b"")
    (tmp_path / "set" / "annotations" / "panoptic_scenes" / "000002.png").write_bytes(b"\x89PNG")
    assert main([folder, "--check", "--show", "1"]) == 1
    said = capsys.readouterr().out
    assert "in 000001.png: The picture '000001.png' is empty." in said and "and 1 more" in said
    assert "1 of 3 rows can be measured" in said
    assert main([folder]) == 2
    assert "holds files" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), "--check"]) == 2
    assert "There is no data set at" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--format", "--scenes", "--seed", "--kinds", "--pictures", "--show"])
@pytest.mark.parametrize("wrong", ["", "\udcff", "9" * 40, "nan", "x" * 5_000])
def test_options_that_are_none_end_with_a_sentence(tmp_path, capsys, option, wrong):
    more = ["--check"] if option in ("--pictures", "--show") else []
    try:
        status = main([str(tmp_path / "set"), option, wrong, *more])
    except SystemExit as error:
        status = error.code
    assert status == 2 and "error:" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "\udcff", "\0", "x" * 5_000])
@pytest.mark.parametrize("more", [[], ["--check"]])
def test_paths_that_are_none_end_with_a_sentence(tmp_path, monkeypatch, capsys, path, more):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("")
    assert main([path, "--scenes", "1", *more]) == (0 if (path, more) == ("\udcff", []) else 2)
