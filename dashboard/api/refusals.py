"""Why a request is not done, as a status of HTTP and a sentence: `{"error": sentence}`, and never a traceback."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from cache import StoreError
from core.errors import ExplainError, InputError, ModelError
from core.export.description import why
from dashboard.jobs.scheduling import QueueFull
from dashboard.uploads.room import UploadRefused

logger = logging.getLogger(__name__)

SOON, LATER = 5, 60
"""Seconds after which it is worth asking again."""


class Refused(Exception):  # noqa: N818 - an answer like any other
    """A request is not done.

    Attributes:
        status: as HTTP has it.
        sentence: what is wrong, and what to do.
        headers: of the answer.
    """

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, dict(headers or {})


class Problem(BaseModel):
    """What every refusal says."""

    model_config = ConfigDict(title="Problem")

    error: str = Field(description="What is wrong, and what to do: a sentence or two.")


Asked = TypeVar("Asked", bound=BaseModel)


def checked(kind: type[Asked], told: Mapping[str, Any]) -> Asked:
    """What a program says, as a value of that kind.

    Raises:
        Refused: it is none; the sentence names the first field that is wrong.
    """
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        raise Refused(422, f"What was asked cannot be used: {why(error)}.") from None


def again_in(seconds: int) -> dict[str, str]:
    """The header that says when it is worth asking again."""
    return {"Retry-After": str(seconds)}


def refusal_of(error: Exception) -> Refused:
    """What is answered where an error was raised; one that nobody expected is written to the server's log."""
    match error:
        case Refused():
            return error
        case UploadRefused():
            return Refused(error.status, error.sentence, again_in(LATER) if error.status == 429 else None)
        case QueueFull():
            return Refused(429, str(error), again_in(LATER))
        case InputError() | ModelError():
            return Refused(422, str(error))
        case StoreError():
            return Refused(503, str(error), again_in(LATER))
        case ExplainError():
            return Refused(503, str(error))
        case HTTPException(status_code=404):
            return Refused(404, "There is nothing at this address. openapi.json lists what there is.")
        case HTTPException(status_code=405):
            return Refused(
                405, "This address does not take that method. openapi.json lists what it takes.", error.headers
            )
    number = secrets.token_hex(4)
    logger.error("A program's request failed; it was told the number %s.", number, exc_info=error)
    return Refused(500, f"Something went wrong inside the program. The server's log says what, under {number}.")


def answer_of(refused: Refused) -> JSONResponse:
    """The answer that says it."""
    return JSONResponse(Problem(error=refused.sentence).model_dump(), refused.status, refused.headers)
