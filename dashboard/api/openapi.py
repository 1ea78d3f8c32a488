"""The API in the words of OpenAPI 3.1, made of the very list that the routes are made of."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dashboard.api.body import FORM, JSON, OPTIONS, PICTURE, PROMPT, VIDEO
from dashboard.api.operations import ANY, MEANINGS, OPERATIONS, Operation
from dashboard.api.options import RunOptions
from dashboard.api.refusals import Problem

VERSION = "1"
PATH = "/openapi.json"

_REFERENCE = "#/components/schemas/{model}"
_ABOUT = (
    "Where a vision-language model looks: questions about pictures, answered and explained by the same queue, store, "
    "people and limits as on the dashboard's pages. What is wrong is said in a sentence."
)


def document(root: str, operations: Iterable[Operation] = OPERATIONS) -> dict[str, Any]:
    """The whole text, as plain values.

    Args:
        root: address of the API, as seen from the server's own.
    """
    operations = tuple(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Smooth Grad-CAM", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made on the page API of the dashboard."}
            },
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    answers = {str(status): _answer(status, held) for status, held in operation.answers.items()}
    answers |= {str(status): _answer(status, Problem) for status in sorted((*operation.refusals, *ANY))}
    in_path = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, "description": "of a run"}
    parameters = [in_path] if "{name}" in operation.path else []
    if operation.query is not None:
        parameters += _parameters(operation.query)
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body()} if operation.asks else {}),
        "responses": answers,
    }


def _answer(status: int, held: type[BaseModel] | str) -> dict[str, Any]:
    if not isinstance(held, str):
        content = {JSON: {"schema": _reference(held)}}
    else:
        content = {held: {"schema": {"type": "object"} if held == JSON else {}}}
    return {"description": MEANINGS[status], "content": content}


def _parameters(query: type[BaseModel]) -> list[dict[str, Any]]:
    """What stands behind an address's question mark; simple types alone, so that nothing refers to anything."""
    schema = query.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": of_one.get("description", ""),
            "schema": {key: value for key, value in of_one.items() if key not in ("description", "title")},
        }
        for name, of_one in schema["properties"].items()
    ]


def _body() -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {
        "type": "object",
        "properties": {
            PICTURE: {
                "type": "array",
                "items": file,
                "description": "one or several of one prompt; or a video",
            },
            VIDEO: {**file, "description": "a video, or a picture that moves"},
            PROMPT: {"type": "string", "description": "what is asked, unless it stands among the options"},
            OPTIONS: {**_reference(RunOptions), "description": "as JSON; the prompt may be left out if it is a field"},
        },
    }
    return {
        "required": True,
        "content": {
            FORM: {"schema": form, "encoding": {OPTIONS: {"contentType": JSON}}},
            JSON: {"schema": _reference(RunOptions)},
        },
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    answers = [held for each in operations for held in each.answers.values() if not isinstance(held, str)]
    models = [(model, "serialization") for model in dict.fromkeys([*answers, Problem])]
    _, told = models_json_schema([*models, (RunOptions, "validation")], ref_template=_REFERENCE)
    return told["$defs"]


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
