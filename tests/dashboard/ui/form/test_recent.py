"""What was asked lately is taken up again with a click."""

import pytest

from dashboard import resources
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import WAYS
from tests.dashboard.uploading import captions


def test_a_recent_picture_comes_back_into_the_form(visit, stored, chosen):
    stored()
    app = visit("compute")
    app.button(key=f"use-{chosen.picture.digest[:12]}").click().run()
    assert "two-halves.png" in [text.value for text in app.text]
    assert "84 × 56 pixels" in [caption.value for caption in app.caption]


def test_a_recent_picture_whose_file_is_gone_says_so(visit, stored, chosen):
    stored()
    next(resources.storage().pictures.folder.glob("*.picture")).unlink()
    app = visit("compute")
    app.button(key=f"use-{chosen.picture.digest[:12]}").click().run()
    assert ["no longer stored on this server" in error.value for error in app.error] == [True]


def test_earlier_prompts_are_offered_once_and_examples_not_again(visit, stored):
    for prompt in ("**what** is :red[this]", "Describe this image.", "**what** is :red[this]", "图中有什么？"):
        stored(prompt=prompt)
    app = visit("compute")
    labels = [button.label for button in app.button if (button.key or "").startswith("asked-")]
    assert labels == ["图中有什么？", "\\*\\*what\\*\\* is \\:red\\[this\\]"]
    app.button(key="asked-1").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == "**what** is :red[this]"
    assert not any((button.key or "") == "asked-2" for button in app.button)


def test_nothing_asked_yet_offers_the_examples_alone(visit):
    app = visit("compute")
    app.button(key="example-3").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == "请详细描述这张图片中的主要内容。"
    assert "No picture yet. Upload one, or take a sample scene." in [caption.value for caption in app.caption]


def test_a_history_that_cannot_be_read_does_not_take_the_page_away(visit, monkeypatch):
    from cache import StoreError
    from cache.runs.overview import Overview

    def broken(overview, limit, viewer):
        raise StoreError("The history cannot be read.")

    monkeypatch.setattr(Overview, "recent_prompts", broken)
    monkeypatch.setattr(Overview, "recent_pictures", broken)
    app = visit("compute")
    assert {error.value for error in app.error} == {"The history cannot be read."}
    assert app.button(key="example-0")


@pytest.fixture(autouse=True)
def _settings(data_folder):
    """Every test has a history of its own."""


def test_recent_pictures_put_all_of_a_run_into_the_form(visit, stored_all):
    stored_all()
    app = visit("compute")
    use = next(button for button in app.button if (button.key or "").startswith("use-"))
    use.click().run()
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    assert app.radio(key=FormKey.TOGETHER).value == WAYS[True]
