"""A prompt's heat as a table and as lines of text."""

import csv
import io
from dataclasses import replace

import pytest

from core.export.prompt_words import prompt_words_csv, prompt_words_text
from core.schema.words import Word
from tests.core.schema.readings.test_prompt_heat import HEAT


def rows(heat):
    return list(csv.DictReader(io.StringIO(prompt_words_csv(heat))))


def test_the_table_holds_every_source_and_word_at_every_layer():
    found = rows(HEAT)
    assert [row["kind"] for row in found[:7]] == [*["picture"] * 2, "prompt", "answer", "template", *["word"] * 2]
    assert len(found) == 14 and {row["layer"] for row in found} == {"0", "1"}
    whole = [float(row["share"]) for row in found if row["layer"] == "0" and row["kind"] != "word"]
    assert sum(whole) == pytest.approx(1) and whole == pytest.approx([0.3, 0.1, 0.2, 0.1, 0.3])
    assert [(row["number"], row["text"], row["heat"], row["share"]) for row in found[5:7]] == [
        ("1", "Where", "1", "0.1"),
        ("2", "?", "0.5", "0.05"),
    ]


def test_no_word_is_a_formula():
    dangerous = replace(HEAT, words=(Word("=cmd()", 0, 1), Word("+1", 2, 4)))
    assert [row["text"] for row in rows(dangerous)[5:7]] == ["'=cmd()", "'+1"]


def test_the_text_names_shares_pictures_words_and_layers():
    text = prompt_words_text(replace(HEAT, words=(Word("Wh\u202eere", 0, 1), Word("?", 2, 4))))
    assert "picture     40.0%" in text and "template    30.0%" in text
    assert "picture 2   10.0%" in text
    assert "⟪U+202E⟫" in text and "\u202e" not in text
    assert text.splitlines()[-1].split() == ["1", *["0.0%"] * 4]


def test_one_picture_is_not_told_twice_and_no_words_are_no_error():
    alone = replace(HEAT, words=(), word_heat=((), ()), picture_heat=((4.0,), (0.0,)))
    assert "each picture" not in prompt_words_text(alone)
    assert len(rows(alone)) == 8
