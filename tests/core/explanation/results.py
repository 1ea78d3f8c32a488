"""A result as it would be computed, made by hand: its heat lies at the upper left, and no model is needed."""

import numpy as np

from core import Answer, ExplainRequest, ExplainResult, Token

TOKENS = (Token(1, "Top", 0.9, (("Bottom", 0.05),), 0, 3), Token(2, " left", 0.25, (), 3, 8))
ANSWER = Answer("Top left", TOKENS)
LAYERS = (0, 2, 5)


def heat_of(maps: int, *shape: int) -> np.ndarray:
    """Heat that is hottest in the upper left cell, the more so the deeper; float32 [maps, ...]."""
    heat = np.full((maps, *shape), 0.1, np.float32)
    heat[..., 0, 0] += np.arange(1, maps + 1, dtype=np.float32).reshape(-1, *[1] * (len(shape) - 2))
    return heat


def result_of(request: ExplainRequest, heat: np.ndarray, **more) -> ExplainResult:
    deviation = np.full_like(heat, 0.02)
    return ExplainResult(request, ANSWER, heat, deviation, 2, 8, {"answer": 0.5, "samples": 1.0}, **more)


def with_combined(request: ExplainRequest, *shape: int, **more) -> ExplainResult:
    """The request's result with the combined map as its companion."""
    combined = result_of(request.with_method("combined", ()), heat_of(1, *shape), **more)
    return result_of(request, heat_of(len(request.maps), *shape), companions={"combined": combined}, **more)


def ask(image: str, **changes) -> ExplainRequest:
    values = {"image": image, "prompt": "Where is the red square?", "model": "m", "layers": LAYERS, "num_samples": 2}
    return ExplainRequest(**values | changes)
