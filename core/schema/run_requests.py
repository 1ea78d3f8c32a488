"""One run -> the requests that it consists of."""

from collections.abc import Sequence

from core.schema.methods import COMBINED
from core.schema.request import ExplainRequest


def whole_run(request: ExplainRequest) -> list[ExplainRequest]:
    """What a run consists of: of each picture its own method, and the combined map beside it."""
    combined = request.with_method(COMBINED, ())
    return of_every_picture([request] if combined == request else [request, combined])


def of_every_picture(requests: Sequence[ExplainRequest]) -> list[ExplainRequest]:
    """The same about each picture of the prompt, one picture after the other."""
    numbers = range(len(requests[0].all_images)) if requests else ()
    return [request.of_picture(number) for number in numbers for request in requests]
