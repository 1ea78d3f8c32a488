"""CSV files: every number, and no cell that a spreadsheet would run."""

import csv
import io

import numpy as np
import pytest

from core import Answer, ExplainRequest, ExplainResult, Token
from core.export.tables import heat_csv, safe_cell, token_csv
from core.schema import gather


@pytest.fixture
def result():
    heat = np.random.default_rng(0).random((2, 2, 3), np.float32)
    request = ExplainRequest(image="0" * 64, prompt="=1+1", model="m", layers=(1, 4))
    tokens = (Token(1, "=1+1", 0.5, (("@SUM(A1)", 0.25), ("x", 0.125))), Token(2, "fine", 1 / 3))
    answer = Answer("=1+1fine", tokens)
    first = ExplainResult(request, answer, heat, heat, 10, 8, {})
    combined = ExplainResult(request.with_method("combined", ()), answer, heat[:1], heat[:1], 10, 8, {})
    return gather([first, combined])


def test_every_cell_of_every_map_is_a_line_with_its_exact_number(result):
    lines = list(csv.DictReader(io.StringIO(heat_csv(result))))
    assert len(lines) == 3 * 6
    for line in lines:
        held = result.of(line["method"])
        layer = int(line["layer"]) if line["layer"] else None
        cell = int(line["row"]), int(line["column"])
        assert np.float32(line["heat"]) == held.at(layer)[cell]
        assert np.float32(line["stderr"]) == held.stderr_at(layer)[cell]


def test_tokens_stand_with_their_rivals(result):
    lines = list(csv.DictReader(io.StringIO(token_csv(result))))
    assert [line["text"] for line in lines] == ["'=1+1", "fine"]
    assert lines[0]["rival 1"] == "'@SUM(A1)" and lines[0]["its probability 2"] == "0.125"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\rx", "  =cmd|' /C calc'!A0", "\uff1d1"])
def test_what_begins_like_a_formula_is_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "red", " red", "1=1", "左上"])
def test_other_text_stays(text):
    assert safe_cell(text) == text
