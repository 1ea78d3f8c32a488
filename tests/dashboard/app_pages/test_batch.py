"""Batch: a plan before anything is computed, rows fed to the queue, and an address that goes on after a restart."""

import streamlit as st

from dashboard import resources
from dashboard.session import state
from dashboard.session.keys import FormKey
from dashboard.ui.batch import panel as batch_panel
from dashboard.ui.batch.row_states import LEFT_OUT, TO_COMPUTE
from tests.dashboard.uploading import captions, ended, several, upload


def test_what_is_not_filled_in_yet_is_no_error_and_says_what_comes_next(visit):
    app = visit("batch")
    assert not app.error and "Upload pictures" in app.info[0].value
    upload(app, several(1))
    assert not app.error and "Now write above what is asked" in app.info[0].value
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert not app.error and not app.info and app.button(key="batch-run-all")
    app.selectbox(key=FormKey.LAYERS).set_value("custom").run()
    assert not app.error and "which layers" in app.info[0].value
    app.text_input(key=FormKey.CUSTOM_LAYERS).set_value("99").run()
    assert ["There is no layer 99" in error.value for error in app.error] == [True]


def test_rows_with_a_problem_are_marked_and_come_first(visit):
    pairs = b"picture;prompt\npicture 0.png;what\nelsewhere.png;what\n"
    app = upload(visit("batch"), [*several(1), ("pairs.csv", pairs, "text/csv")])
    table = app.dataframe[0].value
    assert list(table["row"]) == [2, 1] and list(table["state"]) == [LEFT_OUT, TO_COMPUTE]
    assert [bool(problem) for problem in table["problem"]] == [True, False]
    assert "1 to compute, 0 stored already, 1 with a problem, left out and listed first." in captions(app)
    assert app.button(key="batch-run-all").label == "Run it"


def test_several_pictures_and_one_prompt(visit, wait_until, without_model):
    app = upload(visit("batch"), several(3))
    assert "3 pictures and videos." in captions(app)
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert "3 to compute, 0 stored already." in captions(app)
    assert not without_model.asked and resources.storage().runs.count() == 0
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    app.run()
    assert not app.exception
    assert list(app.dataframe[0].value["state"]) == ["done"] * 3
    assert list(app.dataframe[0].value["answer"]) == ["right"] * 3
    assert len(without_model.asked) == 3 and resources.storage().runs.count() == 3

    # After a restart of the server the address shows the same, and nothing is computed again.
    st.cache_resource.clear()
    other = visit("batch", batch=name)
    assert list(other.dataframe[0].value["state"]) == ["done"] * 3
    assert len(other.button(key="batch-new").label) and len(without_model.asked) == 3
    other.button(key="batch-new").click().run()
    upload(other, several(4))
    other.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert "1 to compute, 3 stored already." in captions(other)
    assert len(other.get("page_link")) >= 1


def test_a_batch_stays_until_the_browser_has_heard_of_it(visit, wait_until, without_model, monkeypatch):
    events = [object()]
    monkeypatch.setattr(state, "event", lambda: events[-1])
    app = upload(visit("batch"), several(1))
    app.text_area(key=FormKey.PROMPT).set_value("what").run()
    shown, panel = [], batch_panel._progress_words

    def begin_anew_once(*arguments):
        shown.append(1)
        if len(shown) == 1:
            st.rerun()  # with the address as the page has it, which the browser has not heard of
        return panel(*arguments)

    monkeypatch.setattr(batch_panel, "_progress_words", begin_anew_once)
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    assert len(shown) > 1
    wait_until(lambda: ended(name))
    # What the visitor did before comes with the old address.
    events.append(object())
    del app.query_params["batch"]
    app.run()
    assert app.query_params["batch"] == name
    # The browser names it; who then comes without a name wants a new one.
    events.append(object())
    app.run()
    events.append(object())
    del app.query_params["batch"]
    app.run()
    assert "batch" not in app.query_params and app.button(key="batch-run-all")


def test_an_unknown_batch_says_so(visit):
    assert "no batch with the name" in visit("batch", batch="0" * 16).warning[0].value
    assert "no batch with the name" in visit("batch", batch="../../etc").warning[0].value


def test_a_batch_that_another_run_of_the_page_is_just_beginning_is_waited_for(visit, wait_until, without_model):
    app = upload(visit("batch"), several(1))
    app.text_area(key=FormKey.PROMPT).set_value("what").run()
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    app.run()
    app.button(key="batch-new").click().run()
    upload(app, several(1))
    draft = app.session_state["session"].batch

    class Busy:
        def __enter__(self):
            draft.begun = name  # as the other run has it when it lets go

        def __exit__(self, *_):
            pass

    draft.beginning = Busy()
    app.text_area(key=FormKey.PROMPT).set_value("what").run()
    assert app.query_params["batch"] == name and not app.exception
