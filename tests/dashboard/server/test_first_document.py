"""The document at a page's address says where the server is, and the security headers let it."""

from base64 import b64encode
from hashlib import sha256

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.server.first_document import PAGES, document, inline_scripts, page_routes
from dashboard.server.middleware import POLICY
from tests.some import some


@pytest.mark.parametrize("base", ["", "maps", "/a/b/"])
def test_every_page_is_given_the_document(base):
    client = TestClient(Starlette(routes=page_routes(base)))
    root = f"/{base.strip('/')}" if base else ""
    for name in some(PAGES):
        answer = client.get(f"{root}/{name}")
        assert answer.status_code == 200 and answer.text == document()
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-cache"


def test_where_the_server_is_stands_before_every_other_script():
    first = document().index("<script>")
    assert document().index("<script") == first
    assert "BACKEND_BASE_URL" in inline_scripts()[0]


def test_the_policy_allows_each_script_of_the_document():
    for script in some(inline_scripts()):
        assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in POLICY
