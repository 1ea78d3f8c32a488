"""What of a box is explained: the answer's tokens that write it, or one of its coordinates, or its label."""

from core.analysis.boxes.numbers import Span
from core.errors import InputError
from core.schema import ExplainResult, Target


def target_of(result: ExplainResult, span: Span) -> Target:
    """The tokens of a result's answer that hold any of some characters, to ask the result's question about.

    Args:
        span: characters (start, stop) of the answer's text, such as `WrittenBox.span` or one of its `coordinates`.

    Returns:
        A target of the same answer and the same score.

    Raises:
        InputError: no token stands there.
    """
    start, stop = span
    touched = [i for i, token in enumerate(result.tokens) if token.start < stop and token.stop > start]
    if not touched:
        raise InputError("This answer was kept without the places of its tokens. Ask the question again.")
    asked = result.request.target
    return Target.tokens(touched[0], touched[-1] + 1, score=asked.score, sentence=asked.sentence)
