"""API: an access token is made, shown once, listed for whoever may see it, and withdrawn."""

import pytest

from dashboard import resources
from dashboard.auth import access_tokens
from dashboard.session.keys import TokenKey
from dashboard.storage.access_tokens import MOST
from dashboard.ui.access_tokens.usage import api_address
from tests.dashboard import page_texts
from tests.dashboard.pages import sentences, texts
from tests.dashboard.people import ADA, BEN, ROOT, everything
from tests.some import some


@pytest.fixture(autouse=True)
def switched_on(monkeypatch) -> None:
    monkeypatch.setenv("SMOOTHCAM_API", "true")


def make(app, label: str):
    app.text_input(key=TokenKey.LABEL).set_value(label)
    return app.button(key="make-token-button").click().run()


def fresh(app) -> str:
    """The text of the token that the page shows."""
    return next(code.value for code in app.code if code.value.startswith("smoothcam_"))


def test_a_token_is_shown_once_listed_and_withdrawn(visit):
    app = visit("tokens")
    assert "There are no access tokens yet." in sentences(app)
    text = fresh(make(app, "The cluster"))
    token = access_tokens.whose(text)[0]
    app.run()
    assert text not in everything(app) and "The cluster" in texts(app)
    assert token.name in sentences(app) and "last used" in sentences(app)
    app.button(key=f"withdraw-{token.name}").click().run()
    assert "There are no access tokens yet." in sentences(app)
    assert access_tokens.whose(text)[0] is None


def test_what_is_wrong_is_said(visit, monkeypatch):
    app = make(visit("tokens"), "  ")
    assert "Say in 1 to 80 characters what the access token is for." in sentences(app)
    for number in range(MOST):
        resources.access_tokens().make("", "open", str(number), 100)
    assert "There are 20 access tokens already" in sentences(make(app, "one more"))


def test_everybody_sees_their_own_and_an_administrator_all(visit_as, administrators):
    make(visit_as(ADA, "tokens"), "ada's <b>script</b>")
    assert texts(visit_as(BEN, "tokens")).count("ada's <b>script</b>") == 0
    app = visit_as(ROOT, "tokens")
    assert {"ada's <b>script</b>", f"Made by {ADA}"} <= set(texts(app))


def test_in_chinese_nothing_is_english(visit_in_chinese):
    app = make(visit_in_chinese("tokens"), "集群")
    assert "访问令牌" in sentences(app)
    assert [text for _, text in some(page_texts.texts(app)) if page_texts.english_in(text, (ADA,))] == []


@pytest.mark.parametrize(
    ("page", "api"),
    [
        ("http://localhost:8501/tokens", "http://localhost:8501/api/v1"),
        ("https://maps.example/base/tokens?x=1#y", "https://maps.example/base/api/v1"),
        ("https://maps.example/", "https://maps.example/api/v1"),
        ("", "/api/v1"),
    ],
)
def test_where_the_api_is(page, api):
    assert api_address(page) == api
