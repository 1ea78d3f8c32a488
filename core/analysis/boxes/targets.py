"""What of a box is explained: the answer's tokens that write it, or one of its coordinates, or its label."""

from core.analysis.boxes.numbers import Span
from core.errors import InputError, shown
from core.schema import ExplainResult, Target
from core.schema.checks import check_instance


def target_of(result: ExplainResult, span: Span) -> Target:
    """The tokens of a result's answer that hold any of some characters, to ask the result's question about.

    Args:
        span: characters (start, stop) of the answer's text, such as `WrittenBox.span` or one of its `coordinates`.

    Returns:
        A target of the same answer and the same score.

    Raises:
        InputError: no token stands there.
    """
    check_instance("The result", result, ExplainResult, "an ExplainResult")
    if not (isinstance(span, tuple) and len(span) == 2 and all(type(at) is int for at in span)):
        raise InputError(f"Characters are two whole numbers (start, stop), not {shown(span)}.")
    start, stop = span
    touched = [i for i, token in enumerate(result.tokens) if token.start < stop and token.stop > start]
    if not touched:
        raise InputError("This answer was kept without the places of its tokens. Ask the question again.")
    asked = result.request.target
    return Target.tokens(touched[0], touched[-1] + 1, score=asked.score, sentence=asked.sentence)
