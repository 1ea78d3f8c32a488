"""Every address of the API and what it does: routes and OpenAPI text are both made of this list, and agree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel
from starlette.responses import Response

from dashboard.api import files, runs
from dashboard.api.described import Cancelled, ModelList, RunList, RunState
from dashboard.api.options import Drawing, Search
from dashboard.api.runs import Call

Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the server.

    Attributes:
        name: by which programs that are made of the OpenAPI text call it.
        method: of HTTP.
        path: below the API's address; {name} stands for a run's.
        summary: what it does, in a line.
        work: does it, in a thread, as the caller.
        answers: status -> what the answer holds: a description of JSON, or a media type.
        refusals: statuses of refusals of its own; those that any may have are left out.
        query: what may stand behind the address's question mark.
        asks: whether a question comes as its body.
    """

    name: str
    method: Method
    path: str
    summary: str
    work: Callable[[Call], Response]
    answers: Mapping[int, type[BaseModel] | str]
    refusals: tuple[int, ...] = ()
    query: type[BaseModel] | None = None
    asks: bool = False


MEANINGS = {
    200: "Done.",
    202: "The run is queued or is being computed.",
    400: "The body or its options cannot be read.",
    401: "No access token, or one that is no good.",
    403: "The token's owner is not among the people of this server.",
    404: "There is no such run, or not one that may be seen.",
    408: "The upload stopped on its way.",
    409: "The run is not in a state in which this can be done.",
    410: "Its numbers or pictures are no longer stored.",
    413: "The upload is too large.",
    415: "The body is of another kind.",
    422: "What was asked cannot be used.",
    429: "Too much at once: requests, uploads or runs. The header Retry-After says when to ask again.",
    500: "Something went wrong inside the program; its log says what.",
    503: "The server cannot do that now.",
}
"""Status -> what it means."""

ANY = (401, 403, 429, 500, 503)
"""Statuses of refusals that every operation may have."""

OPERATIONS = (
    Operation(
        "askRun",
        "POST",
        "/runs",
        "Asks a question about pictures or a video: a stored run at once, or a new one that is queued.",
        runs.ask,
        {200: RunState, 202: RunState},
        (400, 408, 413, 415, 422),
        asks=True,
    ),
    Operation(
        "listRuns",
        "GET",
        "/runs",
        "Searches the history of runs, a page at a time.",
        runs.search,
        {200: RunList},
        (422,),
        query=Search,
    ),
    Operation(
        "getRun",
        "GET",
        "/runs/{name}",
        "Where a run stands: its place in the queue, how far it is, and its result when it is done.",
        runs.look,
        {200: RunState},
        (404,),
    ),
    Operation(
        "cancelRun",
        "DELETE",
        "/runs/{name}",
        "No longer wants a run that waits or is being computed; it stops unless others wait for it.",
        runs.stop,
        {200: Cancelled},
        (404, 409),
    ),
    Operation(
        "getResultJson",
        "GET",
        "/runs/{name}/result.json",
        "All that is said of a run that is done: request, answer, tokens, statistics.",
        files.result_json,
        {200: "application/json"},
        (404, 409, 410),
    ),
    Operation(
        "getResultNpz",
        "GET",
        "/runs/{name}/result.npz",
        "The raw heat and standard errors of a run that is done, for numpy.",
        files.result_npz,
        {200: "application/octet-stream"},
        (404, 409, 410),
    ),
    Operation(
        "getOverlay",
        "GET",
        "/runs/{name}/overlay.png",
        "A map of a run that is done, over its picture at full resolution.",
        files.overlay,
        {200: "image/png"},
        (404, 409, 410, 422),
        query=Drawing,
    ),
    Operation("listModels", "GET", "/models", "The models that can be asked.", runs.models, {200: ModelList}),
)
"""All of them, besides openapi.json, which needs no token."""
