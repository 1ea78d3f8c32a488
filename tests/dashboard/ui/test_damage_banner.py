"""Damage on pages: never silently empty, and gone when an administrator says so."""

import pytest

from tests.dashboard.pages import prompts, sentences
from tests.dashboard.people import ADA, ROOT

NAME = "history/runs.sqlite.broken-20260102T030405.000000Z"


@pytest.fixture
def damaged(storage):
    (storage.folder / NAME).write_bytes(b"x")


@pytest.mark.parametrize("page", ["home", "history"])
def test_an_empty_page_says_why_until_it_is_acknowledged(visit, storage, damaged, page):
    app = visit(page)
    said = sentences(app)
    assert NAME in said.replace("\\", "") and "store recover" in said
    assert "Nobody has run anything here yet" not in said and "There are no runs yet" not in said
    app.button(key="acknowledge-damage").click().run()
    said = sentences(app)
    assert NAME not in said and ("Nobody has run anything" in said or "There are no runs yet" in said)
    assert (storage.folder / NAME).exists()
    (line,) = (storage.folder / "audit" / "audit.jsonl").read_text("ascii").splitlines()
    assert "acknowledge-damage" in line and NAME in line


def test_runs_are_shown_beside_what_is_said(visit, stored, damaged):
    stored()
    app = visit("history")
    assert prompts(app) == ["Where is the red half?"] and NAME in sentences(app).replace("\\", "")


@pytest.mark.usefixtures("administrators")
def test_only_an_administrator_acknowledges(visit_as, damaged):
    assert [button.key for button in visit_as(ADA, "history").button if button.key == "acknowledge-damage"] == []
    assert visit_as(ROOT, "history").button(key="acknowledge-damage")
