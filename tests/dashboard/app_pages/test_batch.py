"""Batch: a plan before anything is computed, rows fed to the queue, and an address that goes on after a restart."""

import streamlit as st

from dashboard import resources
from dashboard.session.keys import FormKey
from tests.dashboard.uploading import captions, ended, several, upload


def test_an_empty_page_says_what_to_do(visit):
    app = visit("batch")
    assert "Upload pictures" in app.info[0].value
    upload(app, several(1))
    assert "no prompt yet" in app.error[0].value


def test_several_pictures_and_one_prompt(visit, wait_until, without_model):
    app = upload(visit("batch"), several(3))
    assert "3 pictures." in captions(app)
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


def test_an_unknown_batch_says_so(visit):
    assert "no batch with the name" in visit("batch", batch="0" * 16).warning[0].value
    assert "no batch with the name" in visit("batch", batch="../../etc").warning[0].value
