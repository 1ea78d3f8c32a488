"""A table of pictures and prompts."""

import pytest

from core import InputError
from dashboard.batch.table import read_pairs


def cells(data: bytes) -> list[tuple[str, str]]:
    return [(pair.picture, pair.prompt) for pair in read_pairs(data)]


@pytest.mark.parametrize(
    "data",
    [
        b'picture,prompt\na.png,"one, two"\n\nb.png,\n',
        'Prompt;PICTURE;note\r\n"one, two";a.png;x\r\n;b.png;\r\n'.encode("utf-8-sig"),
        b"sep=;\r\npicture;prompt\r\na.png;one, two\r\nb.png;\r\n",
        b"sep=\t\r\npicture\tprompt\r\na.png\tone, two\r\nb.png\t\r\n",
        "picture\tprompt\r\na.png\tone, two\r\nb.png\t\r\n".encode("utf-16"),
    ],
)
def test_the_tables_of_spreadsheets_are_understood(data):
    assert cells(data) == [("a.png", "one, two"), ("b.png", "")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"file,question\na.png,b\n", "no column picture"),
        (b"picture,prompt\n", "no rows"),
        (b"picture,prompt,prompt\na,b,c\n", "several columns prompt"),
        (b'picture,prompt\na.png,"never closed\n', "line 2"),
        ("picture,prompt\na.png,größe\n".encode("latin-1"), "not in UTF-8"),
        (b"PK\x03\x04\x00\x00", "no text"),
        (b"\xff\xfe\x00", "not in UTF-8"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(data, words):
    with pytest.raises(InputError, match=words):
        read_pairs(data)


def test_a_cell_too_many_is_that_rows_problem():
    good, bad = read_pairs(b"picture,prompt\na.png,one\nb.png,two, three\n")
    assert not good.problem and "3 cells under 2 columns" in bad.problem


def test_a_text_of_any_length_leaves_the_other_rows():
    long = "x" * 1_000_000
    assert cells(f"picture,prompt\na.png,{long}\nb.png,two\n".encode()) == [("a.png", long), ("b.png", "two")]
