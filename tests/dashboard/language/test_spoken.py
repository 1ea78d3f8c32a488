import threading

import pytest

from dashboard.language import spoken
from dashboard.language.spoken import LANGUAGES, closest, language, of_visitors, speaking


@pytest.fixture
def page(monkeypatch):
    """Whatever the page of this test's visitor is in: `page("zh_Hans")`."""
    monkeypatch.setattr(spoken, "_ask_page", [])
    return lambda name: of_visitors(lambda: name)


def test_english_where_nobody_asked_for_another(page):
    assert language() == "en"
    page(None)
    assert language() == "en"


def test_the_visitors_language_and_one_that_was_said_beforehand(page):
    page("zh_Hans")
    assert language() == "zh_Hans"
    with speaking("en"):
        assert language() == "en"
        with speaking("zh_Hans"):
            assert language() == "zh_Hans"
        assert language() == "en"
    assert language() == "zh_Hans"


def test_what_is_said_beforehand_ends_with_an_error(page):
    with pytest.raises(KeyError), speaking("zh_Hans"):
        raise KeyError
    assert language() == "en"


def test_what_is_said_beforehand_holds_for_this_thread_alone(page):
    heard = []
    with speaking("zh_Hans"):
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
    assert heard == ["en"]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("zh", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh-Hans-SG", "zh_Hans"),
        ("ZH_TW", "zh_Hans"),
        ("fr-CH", None),
        ("english", None),
        ("", None),
        ("-", None),
    ],
)
def test_what_browsers_ask_for(tag, name):
    assert closest(tag) == name


def test_each_language_calls_itself():
    assert LANGUAGES == {"en": "English", "zh_Hans": "简体中文"}
