"""What was asked lately is taken up again with a click."""

from dataclasses import replace

import pytest

from cache import StoreError
from cache.runs.overview import Overview
from dashboard import resources
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import WAYS
from tests.dashboard.pages import open_recent, texts
from tests.dashboard.uploading import captions


@pytest.fixture
def visit_recent(visit):
    """Compute, with what was asked lately opened."""

    return lambda: open_recent(visit("compute"))


def test_what_was_asked_lately_is_looked_up_when_it_is_opened(visit, stored, chosen, monkeypatch):
    stored()
    asked, really = [], Overview.recent_pictures
    monkeypatch.setattr(Overview, "recent_pictures", lambda *about: asked.append(about) or really(*about))
    app = visit("compute")
    assert not asked and f"use-{chosen.picture.digest}" not in [button.key for button in app.button]
    open_recent(app)
    assert asked and app.button(key=f"use-{chosen.picture.digest}")


def test_a_recent_picture_comes_back_into_the_form_and_closes_the_list(visit_recent, stored, chosen):
    stored()
    app = visit_recent()
    app.button(key=f"use-{chosen.picture.digest}").click().run()
    assert "two-halves.png" in texts(app)
    assert f"use-{chosen.picture.digest}" not in [button.key for button in app.button]
    assert "84 × 56 pixels" in [caption.value for caption in app.caption]


def test_a_recent_picture_whose_file_is_gone_says_so(visit_recent, stored, chosen):
    stored()
    next(resources.storage().pictures.folder.glob("*.picture")).unlink()
    app = visit_recent()
    app.button(key=f"use-{chosen.picture.digest}").click().run()
    assert ["no longer stored on this server" in error.value for error in app.error] == [True]


def test_a_recent_run_that_another_version_asked_costs_no_page(visit_recent, stored, chosen, storage):
    record = storage.runs.get(stored())
    storage.runs.record(replace(record, request=record.request | {"mood": 1}))
    app = visit_recent()
    app.button(key=f"use-{chosen.picture.digest}").click().run()
    assert not app.exception
    assert ["no longer stored on this server" in error.value for error in app.error] == [True]


def test_earlier_prompts_are_offered_once_and_examples_not_again(visit_recent, stored):
    for prompt in ("**what** is :red[this]", "Describe this image.", "**what** is :red[this]", "图中有什么？"):
        stored(prompt=prompt)
    app = visit_recent()
    labels = [button.label for button in app.button if (button.key or "").startswith("asked-")]
    assert labels == ["图中有什么？", "\\*\\*what\\*\\* is \\:red\\[this\\]"]
    app.button(key="asked-1").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == "**what** is :red[this]"


def test_nothing_asked_yet_offers_the_examples_alone(visit_recent):
    app = visit_recent()
    assert "No picture or video yet. Upload one, or take a sample scene." in captions(app)
    app.button(key="example-3").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == "请详细描述这张图片中的主要内容。"


def test_a_history_that_cannot_be_read_does_not_take_the_page_away(visit_recent, monkeypatch):
    def broken(overview, limit, viewer):
        raise StoreError("The history cannot be read.")

    monkeypatch.setattr(Overview, "recent_prompts", broken)
    monkeypatch.setattr(Overview, "recent_pictures", broken)
    app = visit_recent()
    assert {error.value for error in app.error} == {"The history cannot be read."}
    assert app.button(key="example-0")


@pytest.fixture(autouse=True)
def _settings(data_folder):
    """Every test has a history of its own."""


def test_recent_pictures_put_all_of_a_run_into_the_form(visit_recent, stored_all):
    stored_all()
    app = visit_recent()
    use = next(button for button in app.button if (button.key or "").startswith("use-"))
    use.click().run()
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    assert app.radio(key=FormKey.TOGETHER).value == WAYS[True]


def test_pictures_whose_digests_begin_alike_stand_beside_each_other(visit_recent, storage, stored, ask):
    """Anybody can make two such: the first twelve digits of sixty-four are tried out in minutes."""
    record = storage.runs.get(stored())
    for number in (1, 2):
        storage.runs.record(replace(record, run_id=f"{number:016x}", image="0" * 60 + f"{number:04x}"))
    app = visit_recent()
    uses = [button.key for button in app.button if (button.key or "").startswith("use-0000")]
    assert len(uses) == 2
