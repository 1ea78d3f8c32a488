"""The API as a program meets it: an address, an access token, and answers that keep to the OpenAPI text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import resources
from dashboard.api.application import AT, mounted
from dashboard.api.openapi import document
from dashboard.api.operations import OPERATIONS
from dashboard.auth import identity
from dashboard.uploads.files import held_by_visitor
from dashboard.uploads.room import MB, Limits, UploadRoom

DAY = 86_400.0
LIMITS = Limits(single=3 * MB, per_visitor=6 * MB, in_all=30 * MB)
DOCUMENT = document(AT)


@dataclass
class Program:
    """A program with an access token; every answer in JSON is held against the OpenAPI text.

    Attributes:
        name: of its token.
        text: the token.
    """

    client: TestClient
    name: str
    text: str

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        """Asks at a path below the API's address."""
        headers = {"Authorization": f"Bearer {self.text}", **options.pop("headers", {})}
        answer = self.client.request(method, f"{AT}{path}", headers=headers, **options)
        conforms(answer, method, path.partition("?")[0])
        return answer

    def ask(self, picture: bytes, prompt: str = "Where is the red half?", **options: Any) -> Any:
        """Asks about a picture."""
        return self("POST", "/runs", files={"picture": ("two.png", picture)}, data={"prompt": prompt}, **options)


@pytest.fixture(autouse=True)
def switched_on(monkeypatch, option) -> None:
    """Servers of these tests have an API, and listen where nobody but this machine reaches them."""
    monkeypatch.setenv("SMOOTHCAM_API", "true")
    option("server.address", "localhost")


@pytest.fixture
def room() -> UploadRoom:
    """The room of all uploads."""
    return UploadRoom(LIMITS, held_by_visitor)


@pytest.fixture
def client(room) -> Iterator[TestClient]:
    """The server, without a token."""
    with TestClient(Starlette(routes=[mounted(room)]), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def program(client) -> Callable[..., Program]:
    """A program of a person: `program("ada@example.org")`; of nobody in particular where nobody signs in."""

    def make(person: str = "") -> Program:
        token, text = resources.access_tokens().make(person, identity.mode(), "a test", DAY)
        return Program(client, token.name, text)

    return make


@pytest.fixture
def signed_in(option, administrators) -> None:
    """People sign in with a proxy; ROOT is the administrator."""
    option(identity.HEADERS, {"X-User": "name"})


def conforms(answer: Any, method: str, path: str) -> None:
    """Holds an answer against the OpenAPI text: its status is listed there, and what it holds is as that says."""
    assert "access-control-allow-origin" not in answer.headers and "set-cookie" not in answer.headers
    assert "Traceback" not in answer.text
    steps = path.split("/")[1:]
    known = [each for each in OPERATIONS if each.method == method and _matches(each.path, steps)]
    if not known:
        assert answer.status_code in (404, 405) and set(answer.json()) == {"error"}
        return
    told = DOCUMENT["paths"][known[0].path][method.lower()]["responses"]
    assert str(answer.status_code) in told, f"{method} {path} answers {answer.status_code}: {answer.text[:200]}"
    ((kind, held),) = told[str(answer.status_code)]["content"].items()
    assert answer.headers["content-type"].partition(";")[0] == kind
    if "$ref" in held["schema"]:
        schema = {**held["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(answer.json())


def _matches(template: str, steps: list[str]) -> bool:
    parts = template.strip("/").split("/")
    return len(parts) == len(steps) and all(part in (step, "{name}") for part, step in zip(parts, steps, strict=True))
