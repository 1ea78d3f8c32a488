"""How the answer is drawn: fields that say something only above a temperature of 0."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.session.keys import FormKey
from tests.waiting import PATIENCE

FURTHER = {FormKey.TOP_P, FormKey.ANSWER_SEED, FormKey.ANSWERS}


def _draw(may_repeat):
    from dashboard.ui.form.answer_fields import answer_fields
    from dashboard.ui.form.recommended import set_defaults

    set_defaults()
    answer_fields(may_repeat)


def keys(app):
    return {field.key for field in app.number_input}


@pytest.mark.parametrize("may_repeat", [True, False])
def test_what_is_drawn_by_chance_can_be_chosen_where_something_is(may_repeat):
    app = AppTest.from_function(_draw, args=(may_repeat,), default_timeout=PATIENCE).run()
    assert keys(app) == {FormKey.TEMPERATURE} and app.number_input(key=FormKey.TEMPERATURE).value == 0
    app.number_input(key=FormKey.TEMPERATURE).set_value(0.7).run()
    assert keys(app) - {FormKey.TEMPERATURE} == (FURTHER if may_repeat else FURTHER - {FormKey.ANSWERS})
    assert app.number_input(key=FormKey.TOP_P).value == 1 and app.number_input(key=FormKey.ANSWER_SEED).value == 0
    app.number_input(key=FormKey.TEMPERATURE).set_value(0.0).run()
    assert keys(app) == {FormKey.TEMPERATURE} and not app.exception
