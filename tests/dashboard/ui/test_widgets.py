"""Widgets of several pages: chosen by title, and tabs of which only the open one is drawn."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.language import language, speaking
from dashboard.ui import widgets


def lazy():
    import streamlit as st

    from dashboard.ui.widgets import lazy_tabs

    lazy_tabs({"One": lambda: st.text("first"), "Two": lambda: st.text("second")}, "tab")


def chosen():
    import streamlit as st

    from dashboard.ui.widgets import choose_by_title, forget_unless_offered, segments_by_title

    titles = {name: name.upper() for name in st.session_state.get("offered", "abc")}
    forget_unless_offered("by-list", titles)
    st.text(choose_by_title("List", titles, "by-list", index=1))
    st.text(segments_by_title("Segments", {"x": "Ex", "y": "Why"}, "by-segment", default="y", about="what it means"))


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def test_only_the_open_tab_is_drawn():
    app = AppTest.from_function(lazy).run()
    assert texts(app) == ["first"] and [tab.label for tab in app.tabs] == ["One", "Two"]
    app.query_params["tab"] = "Two"
    assert texts(app.run()) == ["second"]


def test_values_are_chosen_by_their_titles():
    app = AppTest.from_function(chosen).run()
    assert texts(app) == ["b", "y"]
    assert app.selectbox(key="by-list").options == ["A", "B", "C"]
    segments = app.segmented_control(key="by-segment")
    assert segments.options == ["Ex", "Why"] and segments.help == "what it means"
    app.selectbox(key="by-list").set_value("c").run()
    segments.set_value("x").run()
    assert texts(app) == ["c", "x"]


def test_the_address_names_a_segment_by_its_title():
    for named, expected in (("Ex", "x"), ("nonsense", "y")):
        app = AppTest.from_function(chosen)
        app.query_params["by-segment"] = named
        assert texts(app.run()) == ["b", expected]


def test_a_value_that_is_offered_no_more_is_forgotten():
    app = AppTest.from_function(chosen).run()
    app.selectbox(key="by-list").set_value("c").run()
    app.session_state["offered"] = "ac"
    assert texts(app.run())[0] == "c"
    app.session_state["offered"] = "ab"
    assert texts(app.run())[0] == "b" and not app.exception


def offered():
    from dashboard.ui.widgets import file_download

    file_download("Numbers", lambda: "a,b", "numbers.csv", "numbers", "What they are")
    file_download("Report", lambda: "<p>", "report.html", "report", type="primary", icon=":material/public_off:")


def test_a_files_kind_follows_from_its_name():
    numbers, report = (button.proto for button in AppTest.from_function(offered).run().get("download_button"))
    assert (numbers.label, numbers.icon, numbers.help) == ("Numbers", ":material/table:", "What they are")
    assert numbers.ignore_rerun and report.ignore_rerun
    assert (report.type, report.icon) == ("primary", ":material/public_off:")


def spoken():
    import streamlit as st

    from dashboard.language import language, speaking
    from dashboard.ui.widgets import choose_by_title, lazy_tabs, segments_by_title

    with speaking(st.session_state["spoken"]):
        titles = {"runs": "each run", "median": "median and quartiles"}
        st.text(choose_by_title("List", titles, "listed", bind="query-params"))
        st.text(segments_by_title("Segments", titles, "segments", default="median"))
        lazy_tabs({"Depth": lambda: st.text("deep"), "Film": lambda: st.text("moving")}, "show")
        assert language() == st.session_state["spoken"]


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_an_address_means_the_same_in_every_language(language):
    app = AppTest.from_function(spoken)
    app.session_state["spoken"] = language
    named = {"listed": "median and quartiles", "segments": "each run", "show": "Film"}
    for key, value in named.items():
        app.query_params[key] = value
    assert texts(app.run()) == ["median", "runs", "moving"] and not app.exception
    assert app.selectbox(key="listed").value == "median"
    if language == "zh_Hans":
        assert app.selectbox(key="listed").options == ["每条运行记录", "中位数和四分位数"]
        assert [tab.label for tab in app.tabs] == ["层深", "动画"]
        # What is chosen is put there in English, and nothing for what is usual.
        app.selectbox(key="listed").set_value("runs").run()
        app.segmented_control(key="segments").set_value("median").run()
        assert texts(app) == ["runs", "median", "moving"] and not app.warning
        assert {key: app.query_params.get(key) for key in named} == {"listed": None, "segments": None, "show": "Film"}
        app.selectbox(key="listed").set_value("median").run()
        assert app.query_params["listed"] == "median and quartiles"


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_an_address_that_says_nonsense_gives_what_is_usual(language):
    app = AppTest.from_function(spoken)
    app.session_state["spoken"] = language
    for key in ("listed", "segments", "show"):
        app.query_params[key] = "<b>"
    assert texts(app.run()) == ["runs", "median", "deep"] and not app.exception


def test_a_file_speaks_the_language_of_the_page_that_offers_it(monkeypatch):
    offered = []
    monkeypatch.setattr(widgets.st, "download_button", lambda label, make, *_, **__: offered.append(make))
    with speaking("zh_Hans"):
        widgets.file_download("Report", language, "report.html", "report")
    widgets.file_download("Report", language, "report.html", "report")
    assert [make() for make in offered] == ["zh_Hans", "en"]
