"""The notebook runs from top to bottom, and what it shows is what its file shows."""

import json

import pytest

from core.embedded import CHECKPOINT
from docs.notebooks.run import NOTEBOOK, run

STORED = json.loads(NOTEBOOK.read_text("utf-8"))
CODE = [cell for cell in STORED["cells"] if cell["cell_type"] == "code"]
PARTS = ("The first map", "each word", "not that one", "Several methods", "How true", "A full-size model")


def kinds(outputs):
    """Of each output, what it is given as."""
    return [sorted(each["data"]) if "data" in each else each["name"] for each in outputs]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What comes of each cell, with the embedded model as the one of full size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("notebook"))
        patch.setenv("FULL_SIZE_MODEL", str(CHECKPOINT))
        return list(run(STORED))


def test_every_cell_shows_what_the_file_shows(outputs):
    assert len(outputs) == len(CODE) > 10
    for cell, found in list(zip(CODE, outputs, strict=True))[:-1]:
        assert kinds(found) == kinds(cell["outputs"]) != [], cell["id"]


def test_words_that_do_not_depend_on_the_machine_are_those_of_the_file(outputs):
    def said(cells):
        return [line for cell in cells for each in cell for line in each.get("text", []) if "answer:" in line]

    assert said(outputs) == said(cell["outputs"] for cell in CODE) != []


def test_a_full_size_model_is_asked_where_there_is_one(outputs):
    assert "<Explanation: " in outputs[-1][0]["text"][0]
    assert "no full-size model is loaded" in "".join(CODE[-1]["outputs"][0]["text"])


@pytest.mark.parametrize("part", PARTS)
def test_it_goes_through_every_part(part):
    headings = [line for cell in STORED["cells"] for line in cell["source"] if line.startswith("## ")]
    assert any(part in heading for heading in headings)


def test_it_is_small_and_names_no_folder_of_anybody():
    text = NOTEBOOK.read_text("utf-8")
    assert len(text) < 500_000 and "/home/" not in text and "/tmp/" not in text
    assert STORED["nbformat"] == 4 and len({cell["id"] for cell in STORED["cells"]}) == len(STORED["cells"])
