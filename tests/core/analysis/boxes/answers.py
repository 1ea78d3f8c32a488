"""Answers to read boxes of: tokens of a few characters each, and control tokens that are no part of the text."""

import re

from core.schema import Answer, Token

CONTROL = re.compile(r"<\|\w+\|>")


def answer_of(written: str) -> Answer:
    """The answer that a model gave by writing this, control tokens like `<|box_start|>` included."""
    tokens, text = [], ""
    for piece in re.findall(r"<\|\w+\|>|\d|\w+|\s+|.", written):
        start = len(text)
        text += "" if CONTROL.fullmatch(piece) else piece
        tokens.append(Token(len(tokens), piece, 0.5, (), start, len(text)))
    return Answer(text, tuple(tokens))
