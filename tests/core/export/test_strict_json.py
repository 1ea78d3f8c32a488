"""JSON that Python reads and no export writes."""

import pytest

from core.export.strict_json import NotJson, read_json


def test_what_is_json_is_read():
    assert read_json('{"a": [1, 2.5, "\\ud83d\\ude00", null, true]}') == {"a": [1, 2.5, "\U0001f600", None, True]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        (b"\xff", "no JSON"),
        ('{"a": 1, "a": 1}', "twice"),
        ('{"b": {"a": 1, "a": 2}}', "twice"),
        ("[NaN]", "no number"),
        ("[-Infinity]", "no number"),
        ("[1e999]", "too large"),
        (f"[{'9' * 10_000}]", "no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        (r'["\ud800"]', "half a character"),
        (r'{"\udfff": 1}', "half a character"),
        ('["a\ud800"]', "half a character"),
    ],
)
def test_the_rest_is_refused_with_a_reason(text, words):
    with pytest.raises(NotJson, match=words):
        read_json(text)
