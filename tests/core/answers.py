"""Answers that tests write down token by token."""

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


def byte_ids(tokenizer, data: bytes) -> list[int]:
    """One token for every byte: the smallest fragments there are."""
    letters = bytes_to_unicode()
    return tokenizer.convert_tokens_to_ids([letters[byte] for byte in data])
