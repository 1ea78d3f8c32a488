"""Runs and batches as data sets of other programs."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core import Target
from core.export.others.datasets import PROGRAMS
from core.schema import gather
from dashboard.loaded_run import LoadedRun
from dashboard.services.data_sets import LEFT_OUT, below, data_set_of_rows, data_set_of_run
from dashboard.services.open import open_run

BOX = '{"bbox_2d": [112, 0, 224, 140]}'


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_a_run_for_coco_is_about_the_picture_by_its_own_name(stored):
    files = unpacked(data_set_of_run(open_run(stored(target=Target.words("right"))), "coco"))
    told = json.loads(files["coco.json"])
    assert list(files) == ["coco.json"]
    assert told["images"] == [{"id": 1, "file_name": "two-halves.png", "width": 84, "height": 56}]
    assert [each["name"] for each in told["categories"]] == ["right"]
    region = told["annotations"][0]
    # The right third of the picture is hot.
    assert region["bbox"] == [56, 0, 28, 56] and region["score"] > 0.8


def test_a_run_for_fiftyone_comes_with_its_picture(stored, chosen):
    files = unpacked(data_set_of_run(open_run(stored()), "fiftyone"))
    (sample,) = json.loads(files["samples.json"])["samples"]
    assert files[sample["filepath"]] == chosen.data and sample["filepath"] == "data/picture.png"
    assert np.asarray(Image.open(io.BytesIO(files[sample["heat"]["map_path"]]))).shape == (2, 3)


def test_a_run_of_several_pictures_tells_of_each(ask, explain, chosen):
    question = ask(images=(chosen.digest, "b" * 64))
    first = explain(question.request)
    second = explain(replace(question.request, picture=1, image="b" * 64))
    result = replace(gather([first]), pictures=(first, second))
    run = LoadedRun(result, chosen, pictures=(chosen, chosen))
    files = unpacked(data_set_of_run(run, "label-studio"))
    assert len(json.loads(files["tasks.json"])[0]["predictions"]) == 2  # both are called the same


@pytest.mark.parametrize("program", PROGRAMS)
def test_rows_of_a_batch_are_one_data_set_and_what_cannot_be_told_is_said(stored, ask, program):
    stored(), stored(prompt="And the left?")
    done = [ask().request, ask(prompt="And the left?").request]
    rows = [
        ("one.png", done[0]),
        ("/photos/../two.png", done[1]),
        ("gone\u202e.png", ask(prompt="Never asked").request),
    ]
    rows.append(("film.mp4", replace(ask().request, frames=4)))
    files = unpacked(data_set_of_rows(rows, program))
    lines = files.pop(LEFT_OUT).decode().splitlines()
    assert lines[0] == "gone⟪U+202E⟫.png: Its heat is no longer stored. Ask again, and it is computed."
    assert len(lines) == 2 and lines[1].startswith("film.mp4: ")
    told = b"".join(data for name, data in files.items() if name.endswith("json")).decode()
    assert "one.png" in told and "photos/two.png" in told and ".." not in told and "And the left?" in told


def test_boxes_of_the_answer_go_along(stored, ask):
    stored(BOX)
    told = json.loads(unpacked(data_set_of_rows([("one.png", ask().request)], "coco"))["coco.json"])
    assert [each["attributes"]["source"] for each in told["annotations"]].count("answer") == 1


def test_nothing_that_can_be_told_is_an_empty_zip_with_the_reasons(ask):
    assert list(unpacked(data_set_of_rows([("one.png", ask().request)], "coco"))) == [LEFT_OUT]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.png", "a.png"),
        ("sub/a b.png", "sub/a b.png"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\a.png", "a.png"),
        ("../..", "picture"),
        ("", "picture"),
        (" ", "picture"),
    ],
)
def test_a_name_leads_nowhere_else(name, path):
    assert below(name) == path
