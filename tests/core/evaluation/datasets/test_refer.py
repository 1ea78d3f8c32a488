"""Referring expressions, each expected value made by hand."""

import json
import pickle

import numpy as np
import pytest

from core.errors import InputError
from core.evaluation.datasets.opening import open_dataset
from core.evaluation.datasets.refer import PROMPT
from tests.core.evaluation.datasets.folders import cases, coco, image, picture, skipped, thing

SIZE = (6, 8)


def reference(number, annotation, *sentences) -> dict:
    written = [{"sent_id": index, "sent": each, "raw": each.upper()} for index, each in enumerate(sentences)]
    return {"ref_id": number, "ann_id": annotation, "file_name": "elsewhere.jpg", "sentences": written}


def refer(folder, references) -> None:
    coco(folder, [image(1), image(2)], [thing(10, 1, 1), thing(20, 2, 7), thing(30, 2, 2)], name="instances.json")
    (folder / "refs.json").write_text(json.dumps(references))


def test_an_expression_is_said_and_explained_as_a_whole(tmp_path):
    refer(tmp_path, [reference(5, 20, "man on left", "guy"), reference(6, 10, "the dog"), reference(7, 30, "bun")])
    dataset = open_dataset(tmp_path)
    rows = cases(dataset)
    assert (dataset.kind, dataset.name, len(dataset)) == ("refer", "refs.json", 4)
    assert [row.row for row in rows] == [
        'expression 5.1 "man on left" in 2.png',
        'expression 5.2 "guy" in 2.png',
        'expression 7.1 "bun" in 2.png',  # those of a picture follow each other
        'expression 6.1 "the dog" in 1.png',
    ]
    first = rows[0]
    assert (first.sentence, first.phrases, first.prompt, first.category) == ("man on left", (), PROMPT, "person")
    assert (first.picture, first.box) == (tmp_path / "2.png", (1, 1, 3, 3))
    assert np.argwhere(first.region(SIZE)).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_with_a_place_in_the_prompt_the_expression_is_asked_for(tmp_path):
    refer(tmp_path, [reference(5, 20, "man on left")])
    (row,) = cases(open_dataset(tmp_path, prompt="Where is {}?"))
    assert (row.prompt, row.sentence, row.phrases) == ("Where is man on left?", None, ())
    (row,) = cases(open_dataset(tmp_path, prompt="What is there?"))
    assert (row.prompt, row.sentence) == ("What is there?", "man on left")


def test_references_that_cannot_be_measured_are_named_and_the_rest_goes_on(tmp_path):
    refer(
        tmp_path,
        [
            reference(1, 99, "ghost"),
            reference(2, 10, "the dog"),
            {"ref_id": 3, "ann_id": 10},
            reference(4, 10, " "),
            "5",
            reference(6, [10], "the dog"),
        ],
    )
    dataset = open_dataset(tmp_path)
    assert [row.sentence for row in cases(dataset)] == ["the dog"]
    assert skipped(dataset) == {
        "reference 1": "Its object, annotation 99, is not in instances.json.",
        "reference 3": "It has no list of sentences, which are the expressions.",
        "reference 4": "One of its sentences has no text.",
        "reference number 5": "It has no list of sentences, which are the expressions.",
        "reference 6": "Its object, annotation [10], is not in instances.json.",
    }


def test_pickles_are_refused_with_the_reason(tmp_path):
    (tmp_path / "refs(unc).p").write_bytes(pickle.dumps([reference(1, 10, "the dog")]))
    (tmp_path / "renamed.json").write_bytes(pickle.dumps([]))
    for path in (tmp_path / "refs(unc).p", tmp_path / "renamed.json"):
        with pytest.raises(InputError, match=r"is a pickle, which runs whatever .*docs/evaluate.md"):
            open_dataset(path)
    (tmp_path / "renamed.json").unlink()
    with pytest.raises(InputError, match=r"refs\(unc\).p is a pickle"):
        open_dataset(tmp_path)


def test_without_its_objects_a_list_of_references_is_refused(tmp_path):
    (tmp_path / "refs.json").write_text(json.dumps([reference(1, 10, "the dog")]))
    with pytest.raises(InputError, match="Beside refs.json lies one instances.json"):
        open_dataset(tmp_path)


def test_pictures_lie_where_the_makers_scripts_put_them(tmp_path):
    refer(tmp_path / "refcoco", [reference(6, 10, "the dog")])
    (tmp_path / "refcoco" / "1.png").unlink()
    (tmp_path / "refcoco" / "2.png").unlink()
    there = picture(tmp_path / "images" / "mscoco" / "images" / "train2014" / "1.png")
    (row,) = cases(open_dataset(tmp_path / "refcoco"))
    assert row.picture == there
