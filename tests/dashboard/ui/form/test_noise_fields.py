"""Noise and its samples."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.session.keys import FormKey
from tests.waiting import PATIENCE


def _draw(may_settle):
    import streamlit as st

    from dashboard.ui.form.noise_fields import noise_fields, samples_of
    from dashboard.ui.form.recommended import held, set_defaults

    set_defaults()
    noise_fields(may_settle)
    st.session_state["samples"] = samples_of(held())


@pytest.fixture
def drawn():
    return lambda may_settle: AppTest.from_function(_draw, args=(may_settle,), default_timeout=PATIENCE).run()


def test_presets_and_a_number_of_ones_own(drawn):
    app = drawn(True)
    assert app.session_state["samples"] == 10 and not app.toggle(key=FormKey.SETTLE).value
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4").run()
    assert app.session_state["samples"] == 4
    app.selectbox(key=FormKey.SAMPLES).set_value("custom").run()
    app.number_input(key=FormKey.CUSTOM_SAMPLES).set_value(33).run()
    assert app.session_state["samples"] == 33


def test_stopping_early_is_offered_where_a_run_may_end_early(drawn):
    app = drawn(True)
    app.toggle(key=FormKey.SETTLE).set_value(True).run()
    assert app.session_state[FormKey.SETTLE] is True
    assert not drawn(False).toggle
