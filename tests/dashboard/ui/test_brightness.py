"""The choice of brightness by itself."""

import pytest
from streamlit.testing.v1 import AppTest

from core.inputs.brightness import KINDS
from dashboard.ui.brightness import WORDS
from tests.waiting import PATIENCE


def script(value_range: tuple[float, float] | None) -> None:
    import streamlit as st

    from core import Brightness
    from dashboard.ui.brightness import brightness_field

    state = st.session_state
    state.setdefault("chosen", Brightness())
    brightness_field("b", state.chosen, value_range, lambda choice: state.update(chosen=choice))


def opened(value_range: tuple[float, float] | None) -> AppTest:
    return AppTest.from_function(script, args=(value_range,), default_timeout=PATIENCE).run()


def test_every_kind_has_words():
    assert tuple(WORDS) == KINDS


@pytest.mark.parametrize("kind", ["full", "percentiles", "auto"])
def test_a_kind_is_told_and_asks_for_no_numbers(kind):
    app = opened((100.0, 4000.0))
    app.selectbox(key="b").set_value("full" if kind == "auto" else "percentiles").run()
    app.selectbox(key="b").set_value(kind).run()
    assert not app.exception and str(app.session_state["chosen"]) == kind and not app.number_input


@pytest.mark.parametrize(
    ("value_range", "begins"),
    [((100.0, 4000.0), "100.0..4000.0"), (None, "0.0..1.0"), ((-1024.0, 3071.0), "-1024.0..3071.0")],
)
def test_an_own_range_begins_with_the_values_of_now(value_range, begins):
    app = opened(value_range)
    app.selectbox(key="b").set_value("range").run()
    assert str(app.session_state["chosen"]) == begins
    app.number_input(key="b-high").set_value(5000.0).run()
    assert app.session_state["chosen"].high == 5000.0
    app.number_input(key="b-low").set_value(6000.0).run()
    assert not app.exception and "is no range" in app.error[0].value and app.session_state["chosen"].high == 5000.0


def test_a_picture_of_one_value_has_a_range_all_the_same():
    app = opened((7.0, 7.0))
    app.selectbox(key="b").set_value("range").run()
    chosen = app.session_state["chosen"]
    assert not app.exception and chosen.low == 7.0 < chosen.high
