"""Notes of an exported run, spoilt in any one place: a sentence, or notes that can be kept as they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Change
from core import InputError
from dashboard.export.notes import Notes, plain_name, read_notes
from tests.core.export.trees import WRONG, places, replaced, value_at, with_more, without
from tests.some import some

TREE = {
    "picture_name": "a.png",
    "picture_names": ["a.png", "b.png"],
    "model_name": "embedded",
    "created": 1_790_000_000.5,
    "duration": 2.5,
    "title": "Left",
    "note": "It is\nthere.",
    "tags": ["one", "two"],
    "rating": 3,
}


def outcome(data: bytes) -> Notes | None:
    try:
        notes = read_notes(data)
    except InputError as error:
        assert str(error).endswith(".") and "\n" not in str(error) and len(str(error)) < 400
        return None
    Change(title=notes.title, note=notes.note, rating=notes.rating, add_tags=tuple(notes.tags))
    json.dumps(notes.model_dump(), allow_nan=False, ensure_ascii=False).encode()
    assert all(isinstance(notes.name_of(number), str) and notes.name_of(number) for number in range(9))
    return notes


def test_what_an_export_writes_is_read():
    notes = outcome(json.dumps(TREE).encode())
    assert (notes.title, notes.note, notes.tags, notes.rating) == ("Left", "It is\nthere.", ["one", "two"], 3)
    assert (notes.model, notes.created, notes.duration) == ("embedded", 1_790_000_000.5, 2.5)
    assert [notes.name_of(number) for number in range(3)] == ["a.png", "b.png", "imported picture"]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:20])
def test_each_value_is_replaced_by_wrong_ones(wrong):
    others = [path for path in some(places(TREE)) if type(wrong) is not type(value_at(TREE, path))]
    taken = [path for path in others if outcome(json.dumps(replaced(TREE, path, wrong)).encode()) is not None]
    may_be_whole = type(wrong) is int and all(path[0] in ("created", "duration") for path in taken)
    assert not taken or may_be_whole or wrong is None or wrong == [], (taken, wrong)


def test_each_value_is_left_out_and_one_more_added():
    for path in some(places(TREE)):
        assert outcome(json.dumps(without(TREE, path)).encode()) is not None
        if (more := with_more(TREE, path)) is not None:
            outcome(json.dumps(more).encode())
    assert outcome(json.dumps(TREE | {"of a later version": 1}).encode()) == outcome(json.dumps(TREE).encode())


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"title": "\\ud800"}', b'{"title": "a", "title": "b"}'),
        *(b"[" * 100_000, b'{"rating": ' + b"9" * 10_000 + b"}", b'{"created": NaN}', b" " * 2**21),
    ],
)
def test_what_is_no_json_of_an_export(data):
    assert outcome(data) is None


@given(st.text())
def test_a_name_is_one_line_that_turns_nothing_around(text):
    shown = plain_name(text)
    assert len(shown) <= 300 and not set(shown) & set("\n\r\t\x00\u202e\u2066\u200f")
    assert plain_name("photo 左上 é.png") == "photo 左上 é.png"
