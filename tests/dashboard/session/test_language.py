from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from dashboard.language import language
from dashboard.session.language import COOKIE, choose, visitors_language
from tests.waiting import PATIENCE


@pytest.fixture
def spoken(monkeypatch) -> Callable[..., str]:
    """What a page speaks to a browser: `spoken(locale="zh-CN", cookie="en")`."""

    def ask(locale: str | None = None, cookie: str | None = None, run: Callable = None) -> str:
        monkeypatch.setattr(ContextProxy, "locale", property(lambda _: locale))
        monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: {COOKIE: cookie} if cookie else {}))
        app = AppTest.from_function(run or say, default_timeout=PATIENCE).run()
        assert not app.exception
        return app.text[-1].value

    return ask


def say():
    import streamlit as st

    from dashboard.language import language

    st.text(language())


def say_chosen():
    import streamlit as st

    from dashboard.language import language
    from dashboard.session.language import choose

    language()
    choose("en")
    st.text(language())


def say_while_another_click_waits():
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from dashboard.language import language

    def cut_off():
        raise AssertionError("the run was cut off where something was said")

    state = get_script_run_ctx().session_state
    looks, state._yield_callback = state._yield_callback, cut_off
    said = language()
    state._yield_callback = looks
    st.text(said)


def test_saying_something_is_no_place_where_a_run_of_a_page_is_cut_off(spoken):
    assert spoken("zh-CN", run=say_while_another_click_waits) == "zh_Hans"


@pytest.mark.parametrize(
    ("locale", "name"), [("zh-CN", "zh_Hans"), ("en-US", "en"), ("de-DE", "en"), (None, "en"), ("", "en")]
)
def test_a_page_speaks_as_the_browser_asks(spoken, locale, name):
    assert spoken(locale) == name


def test_what_the_browser_keeps_comes_first(spoken):
    assert spoken("zh-CN", "en") == "en"
    assert spoken("en-US", "zh_Hans") == "zh_Hans"


@pytest.mark.parametrize("cookie", ["fr", "../../etc", "zh_Hans; x", "EN"])
def test_a_cookie_that_is_no_language_of_ours_counts_for_nothing(spoken, cookie):
    assert spoken("zh-CN", cookie) == "zh_Hans"


def test_what_is_chosen_at_the_page_comes_before_all(spoken):
    assert spoken("zh-CN", "zh_Hans", say_chosen) == "en"


@pytest.mark.parametrize("name", ["fr", "", "zh-CN", "../zh_Hans"])
def test_only_a_language_of_ours_can_be_chosen(name):
    with pytest.raises(ValueError, match="There is no language"):
        choose(name)
    assert "language" not in st.session_state


def test_without_a_page_there_is_no_visitor():
    assert visitors_language() is None
    assert language() == "en"
