"""Fields of stored entries <-> plain JSON values; what cannot be is refused."""

from dataclasses import asdict
from typing import Any

from core.schema import MAX_FRAMES, Answer, TimeStep, Token
from core.schema.box_conventions import SeenPicture
from core.schema.time_steps import check_steps

MOST_LAYERS = 10_000
"""Layers that a model can be said to have; the deepest have some hundreds."""


def answer_values(answer: Answer) -> dict[str, Any]:
    """An answer as plain JSON values."""
    values = asdict(answer)
    if not answer.thought:  # as before there were thoughts
        del values["thought"]
    return values


def read_answer(values: dict[str, Any]) -> Answer:
    """The inverse of `answer_values`; raises whatever wrong values raise, `ValueError` among it."""
    tokens = tuple(
        Token(
            id=int(token["id"]),
            text=str(token["text"]),
            probability=float(token["probability"]),
            alternatives=tuple((str(text), float(chance)) for text, chance in token["alternatives"]),
            start=int(token["start"]),
            stop=int(token["stop"]),
        )
        for token in values["tokens"]
    )
    thought = int(values.get("thought", 0))
    if not 0 <= thought <= len(tokens):
        raise ValueError("a thought is longer than its answer")
    return Answer(text=str(values["text"]), tokens=tokens, thought=thought)


def read_seen(values: dict[str, Any] | None) -> SeenPicture | None:
    """How the model saw a picture; None where that was not kept."""
    if values is None:
        return None
    own, given = values["size"], values["seen"]
    return SeenPicture(str(values["model_type"]), _size(own), None if given is None else _size(given))


def _size(values: Any) -> tuple[int, int]:
    width, height = map(int, values)
    if not 0 < min(width, height) <= max(width, height) < 2**31:
        raise ValueError("a picture has no such size")
    return width, height


def read_steps(values: Any) -> tuple[TimeStep, ...]:
    """The time steps of a video, each [start, end] in seconds; () for a picture."""
    if len(values) > MAX_FRAMES:
        raise ValueError(f"a video has no {len(values):,} time steps")
    return check_steps([TimeStep(start, end) for start, end in values], len(values))


def read_layers(number: Any) -> int:
    """How many layers a model has."""
    # Whoever reads a pass names every layer that it may have: a forged number must not take all memory.
    if not 1 <= (layers := int(number)) <= MOST_LAYERS:
        raise ValueError(f"a model has no {layers} layers")
    return layers
