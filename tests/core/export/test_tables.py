"""CSV files: every number, and no cell that a spreadsheet would run."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Answer, ExplainRequest, ExplainResult, Token
from core.export.tables import csv_text, digits, heat_csv, plain_cell, safe_cell, token_csv
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


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\rx", "  =cmd|' /C calc'!A0", "\uff1d1", "\ufeff=1", "'=1"])
def test_what_begins_like_a_formula_is_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=cmd", "a;'=cmd"),
        ("a\t=1+1", "a\t'=1+1"),
        ("\t=1", "'\t'=1"),
        ("x\n=1\n- 2\n", "x\n'=1\n'- 2\n"),
        ("x\r\n=1", "x\r\n'=1"),
        ("a;\uff1d1", "a;'\uff1d1"),
        ('a; "=1"', 'a;\' "=1"'),
        ("a|@x;b", "a|'@x;b"),
        ("a;'=1", "a;''=1"),
    ],
)
def test_what_would_begin_like_one_where_the_cell_is_split_is_text_too(text, safe):
    assert safe_cell(text) == safe


@pytest.mark.parametrize("text", ["", "red", " red", "1=1", "左上", "a, -5 and b", "a; b", "it's", "'x", "a - b"])
def test_other_text_stays(text):
    assert safe_cell(text) == text == plain_cell(text)


CELLS = st.text(st.sampled_from("=+-@\uff1d;|,\t\n\r\x0b\u2028\"' \ufeffa1"), max_size=12)


@given(CELLS)
def test_what_was_made_safe_is_found_again(text):
    assert plain_cell(safe_cell(text)) == text


@given(CELLS, CELLS, st.sampled_from(",;|\t"), st.booleans())
def test_no_spreadsheet_finds_a_formula_whatever_it_separates_at(one, other, separator, minds_quotes):
    written = csv_text(("head", "other"), [(one, other), (1, other)])
    if separator == ",":
        rows = list(csv.reader(io.StringIO(written, newline="")))
    else:
        quotes = csv.QUOTE_MINIMAL if minds_quotes else csv.QUOTE_NONE
        rows = [
            row
            for line in re.split(r"[\n\r\v\u2028]", written)
            for row in csv.reader([line], delimiter=separator, quoting=quotes)
        ]
    assert [cell for row in rows for cell in row if cell.lstrip(' "\ufeff')[:1] in tuple("=+-@\uff1d")] == []


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_numbers_come_back_exactly(number):
    (_, row) = csv.reader(io.StringIO(csv_text(("value",), [(digits(number),)])))
    assert np.float32(row[0]) == np.float32(number)


def test_text_is_made_safe_in_heads_too_and_numbers_stay():
    assert csv_text(("@x",), [("+1",), (-1,)]) == "'@x\n'+1\n-1\n"


def test_what_is_no_number_is_an_empty_cell():
    assert csv_text(("a", "b"), [(digits(float("nan")), digits(float("inf")))]) == "a,b\n,\n"
