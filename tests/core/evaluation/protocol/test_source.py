"""A data set by its options, with sentences supplied for its pictures."""

import json

import pytest

from core.errors import InputError
from core.evaluation.datasets.convert import write
from core.evaluation.protocol.source import Source
from tests.some import some


def test_sentences_are_explained_in_place_of_answers(tmp_path):
    file = write(tmp_path / "data", "coco", 2)
    plain = Source(file).open()
    rows = list(plain)
    told = tmp_path / "told.json"
    told.write_text(json.dumps({rows[0].picture.name: "A red circle.", "other.jpg": "A cat."}), "utf-8")
    data = Source(file, sentences=told).open()
    assert [row.sentence for row in some(data)] == [
        "A red circle." if row.picture == rows[0].picture else None for row in rows
    ]
    assert data.digest != plain.digest and len(data) == len(plain)


@pytest.mark.parametrize("content", ["[]", '{"a.jpg": 3}', '{"a.jpg": " "}', "{", '{"a": "b", "a": "c"}'])
def test_other_files_are_no_sentences(tmp_path, content):
    file = write(tmp_path / "data", "csv", 1)
    (tmp_path / "told.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match="told.json"):
        Source(file, sentences=tmp_path / "told.json").open()


def test_a_file_that_is_not_there_is_said(tmp_path):
    file = write(tmp_path / "data", "csv", 1)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        Source(file, sentences=tmp_path / "none.json").open()
