"""Answers that tests write down token by token."""

from dataclasses import replace

import pytest
from transformers.convert_slow_tokenizer import bytes_to_unicode

from core.schema import Answer, Token


def make_answer(*texts: str) -> Answer:
    """An answer of these tokens, which are whole characters; those in angle brackets are special tokens."""
    text, tokens = "", []
    for number, piece in enumerate(texts):
        shown = "" if piece.startswith("<") else piece
        tokens.append(Token(number, piece, 0.5, (), len(text), len(text) + len(shown)))
        text += shown
    return Answer(text, tuple(tokens))


def assert_same_answer(got: Answer, wanted: Answer) -> None:
    """The same tokens, as likely but for what rounding leaves where other processes or threads computed."""

    def bare(answer: Answer) -> Answer:
        tokens = [replace(token, probability=0.0, alternatives=()) for token in answer.tokens]
        return replace(answer, tokens=tuple(tokens))

    assert bare(got) == bare(wanted)
    for mine, theirs in zip(got.tokens, wanted.tokens, strict=True):
        assert mine.probability == pytest.approx(theirs.probability, rel=1e-4)
        assert dict(mine.alternatives) == pytest.approx(dict(theirs.alternatives), rel=1e-4)


def byte_ids(tokenizer, data: bytes) -> list[int]:
    """One token for every byte: the smallest fragments there are."""
    letters = bytes_to_unicode()
    return tokenizer.convert_tokens_to_ids([letters[byte] for byte in data])
