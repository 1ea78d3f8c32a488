"""An answer and the thought before it."""

import pytest

from core.errors import InputError
from core.schema import Answer, Target, Token
from core.schema.words import said_words


def answer(pieces, thought):
    tokens, text = [], ""
    for number, piece in enumerate(pieces):
        tokens.append(Token(number, piece, 0.5, (), len(text), len(text) + len(piece)))
        text += piece
    return Answer(text, tuple(tokens), thought)


PIECES = ["<think>", "\n", "It", " is", " red", ".", "</think>", "\n\n", "Red", "."]


def test_what_follows_the_thought_is_explained():
    found = answer(PIECES, 8)
    assert list(found.said) == [8, 9] == list(Target.answer().indices(found))
    assert (found.said_text, found.thought_text) == ("Red.", "It is red.")
    assert [word.text for word in said_words(found)] == ["Red", "."]
    assert not found.is_unfinished_thought
    # Who names tokens or words of the thought gets them.
    assert list(Target.tokens(2, 5).indices(found)) == [2, 3, 4]
    assert list(Target.words("is red").indices(found)) == [3, 4]


def test_the_thought_is_explained_without_its_marks():
    found = answer(PIECES, 8)
    assert list(Target.thought().indices(found)) == [2, 3, 4, 5] == list(found.thought_tokens)
    assert list(Target.thought_and_answer().indices(found)) == list(range(10))
    # Marks that are no tokens of their own: whatever holds a letter of the thought counts.
    joined = answer(["<think>\n", "It", " is", ".</", "think>\n", "Red"], 5)
    assert joined.thought_text == "It is." and list(joined.thought_tokens) == [1, 2, 3]


@pytest.mark.parametrize(
    "pieces", [["Red", "."], ["<think>", "\n\n", "</think>", "\n\n", "Red"], ["<think>", "</think>"]]
)
def test_where_nothing_was_thought_there_is_no_thought_to_explain(pieces):
    found = answer(pieces, next((n + 1 for n, piece in enumerate(pieces) if piece == "</think>"), 0))
    assert found.thought_text == "" and not found.thought_tokens
    with pytest.raises(InputError, match="thought nothing aloud before this answer. Explain the answer instead"):
        Target.thought().indices(found)


def test_a_thought_that_the_prompt_began():
    assert answer(PIECES[2:], 6).thought_text == "It is red."


@pytest.mark.parametrize("pieces", [PIECES[:5], PIECES[2:5]])
def test_a_thought_that_was_cut_off_is_explained_itself(pieces):
    found = answer(pieces, len(pieces))
    assert found.is_unfinished_thought and list(Target.answer().indices(found)) == list(range(len(pieces)))
    assert found.thought_text == "It is red"
    assert [found.tokens[index].text for index in Target.thought().indices(found)] == ["It", " is", " red"]


def test_an_answer_without_a_thought():
    found = answer(["Red", "."], 0)
    assert (list(found.said), found.said_text, found.thought_text) == ([0, 1], "Red.", "")
    assert found == Answer(found.text, found.tokens) and not Answer("", ()).is_unfinished_thought
