"""What the address names."""

from dashboard.session import address, keys, state
from dashboard.session.keys import FormKey


def test_what_comes_with_the_former_address_leaves_the_run_on_display(visit, stored, without_model, monkeypatch):
    monkeypatch.setattr(address, "LATE", 3600)
    former = stored()
    app = visit("compute", run=former)
    app.text_area(key=FormKey.PROMPT).set_value("And now?")
    app.button(key="run-button").click().run()
    asked = app.query_params[keys.RUN]
    assert asked != former
    app.query_params[keys.RUN] = former
    app.toggle(key=FormKey.SETTLE).set_value(True).run()
    assert app.query_params[keys.RUN] == asked and app.text_area(key=FormKey.PROMPT).value == "And now?"
    assert app.toggle(key=FormKey.SETTLE).value
    # Later it is meant.
    monkeypatch.setattr(address, "LATE", 0)
    app.query_params[keys.RUN] = former
    app.run()
    assert app.query_params[keys.RUN] == former and app.text_area(key=FormKey.PROMPT).value != "And now?"


def test_what_another_page_leads_to_is_meant_at_once(visit, stored, without_model):
    former = stored()
    app = visit("compute", run=former)
    app.text_area(key=FormKey.PROMPT).set_value("And now?")
    app.button(key="run-button").click().run()
    assert app.session_state[state._SESSION].former is not None
    app.switch_page("app_pages/history.py").run()
    assert app.session_state[state._SESSION].former is None
    app.query_params[keys.RUN] = former
    app.switch_page("app_pages/compute.py").run()
    assert app.query_params[keys.RUN] == former


def test_one_of_those_asked_together_is_led_to_by_a_link(visit, stored, without_model, monkeypatch):
    former = stored()
    app = visit("compute", run=former)
    app.text_area(key=FormKey.PROMPT).set_value("And now?")
    app.button(key="run-button").click().run()
    asked = app.query_params[keys.RUN]
    app.session_state[state._SESSION].siblings = (asked, former)
    monkeypatch.setattr(address, "LATE_BESIDE_A_LINK", 0)
    app.query_params[keys.RUN] = former
    app.run()
    assert app.query_params[keys.RUN] == former


def test_the_way_back_is_meant_at_once(visit, stored, without_model, monkeypatch):
    former = stored()
    app = visit("compute", run=former)
    app.text_area(key=FormKey.PROMPT).set_value("And now?")
    app.button(key="run-button").click().run()
    assert app.query_params[keys.RUN] != former
    monkeypatch.setattr(address, "_goes_back", lambda: True)
    app.query_params[keys.RUN] = former
    app.run()
    assert app.query_params[keys.RUN] == former and app.text_area(key=FormKey.PROMPT).value != "And now?"
