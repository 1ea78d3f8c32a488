"""The OpenAPI text: whole, sound, and about the very routes that there are."""

import json

import pytest
from jsonschema import Draft202012Validator

from dashboard.api.application import AT, Api
from dashboard.api.openapi import document
from dashboard.api.operations import ANY, MEANINGS, OPERATIONS
from dashboard.api.options import RunOptions
from dashboard.uploads.room import Limits, UploadRoom
from tests.some import some

DOCUMENT = document(AT)


def references(value) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for one in value.values() for each in references(one)]
    return [each for one in value for each in references(one)] if isinstance(value, list) else []


def test_it_says_which_version_it_is_and_where_the_server_is():
    told = json.loads(json.dumps(DOCUMENT))
    assert told["openapi"] == "3.1.0" and told["servers"] == [{"url": AT}]
    assert {"title", "version", "description"} == set(told["info"])
    scheme = told["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"], told["security"]) == ("http", "bearer", [{"token": []}])


def test_every_route_is_in_it_and_nothing_else():
    api = Api(UploadRoom(Limits(1, 1, 1), dict))
    routes = {(route.path, method) for route in api._router.routes for method in route.methods - {"HEAD"}}
    listed = {(path, method.upper()) for path, each in DOCUMENT["paths"].items() for method in each}
    assert routes == listed | {("/openapi.json", "GET")}
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS) == len(listed)


def test_what_it_refers_to_is_there():
    schemas = DOCUMENT["components"]["schemas"]
    found = {each.removeprefix("#/components/schemas/") for each in some(references(DOCUMENT))}
    assert found <= set(schemas)


def test_its_schemas_are_json_schemas():
    for schema in some(DOCUMENT["components"]["schemas"].values()):
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_an_operation_is_told_in_full(operation):
    told = DOCUMENT["paths"][operation.path][operation.method.lower()]
    assert told["operationId"] == operation.name and told["summary"].endswith(".")
    assert set(told["responses"]) == {str(status) for status in (*operation.answers, *operation.refusals, *ANY)}
    assert all(told["responses"][status]["description"] == MEANINGS[int(status)] for status in told["responses"])
    parameters = told.get("parameters", [])
    assert ("{name}" in operation.path) == any(each["in"] == "path" and each["required"] for each in parameters)
    assert all(each["description"] for each in parameters)
    fields = set() if operation.query is None else set(operation.query.model_fields)
    assert {each["name"] for each in parameters if each["in"] == "query"} == fields
    assert ("requestBody" in told) == operation.asks


def test_every_option_of_a_question_is_explained():
    properties = DOCUMENT["components"]["schemas"]["RunOptions"]["properties"]
    assert set(properties) == set(RunOptions.model_fields)
    assert [name for name, each in properties.items() if not each.get("description")] == []
