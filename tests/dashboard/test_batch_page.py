"""Batch: a plan before anything is computed, rows fed to the queue, and an address that goes on after a restart."""

import csv
import io
import zipfile

import streamlit as st

from core import InputError
from dashboard import batch_panel, resources, state
from dashboard.batch_feeder import WINDOW, stored_states
from dashboard.state import Field
from tests.dashboard.uploading import captions, several


def upload(app, files):
    app.file_uploader[0].set_value(files).run()
    assert not app.exception
    return app


def ended(name: str) -> bool:
    feeder = resources.feeders().get(name)
    return feeder is not None and not feeder.active


def test_an_empty_page_says_what_to_do(visit):
    app = visit("batch")
    assert "Upload pictures" in app.info[0].value
    upload(app, several(1))
    assert "no prompt yet" in app.error[0].value


def test_several_pictures_and_one_prompt(visit, wait_until, without_model):
    app = upload(visit("batch"), several(3))
    assert "3 pictures." in captions(app)
    app.text_area(key=Field.PROMPT).set_value("what is this").run()
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
    other.text_area(key=Field.PROMPT).set_value("what is this").run()
    assert "1 to compute, 3 stored already." in captions(other)
    assert len(other.get("page_link")) >= 1


def test_a_table_names_uploaded_files_only(visit, without_model, wait_until):
    table = "\ufeffPicture;Prompt\r\npicture 0.png;one?\r\n/etc/passwd;two?\r\npicture 1.png;\r\n;three?\r\n"
    app = upload(visit("batch"), [*several(2), ("pairs.csv", table.encode(), "text/csv")])
    plan = app.dataframe[0].value
    assert [words.split(".")[0] for words in plan["state"]] == [
        "to compute",
        "No picture of that name was uploaded",
        "The prompt is empty",
        "The row names no picture",
    ]
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    assert [run.prompt for run in resources.storage().runs.recent(9)] == ["one?"]


def test_a_zip_of_pictures_is_taken(visit):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content, _ in several(2):
            file.writestr(f"photos/{name}", content)
        file.writestr("photos/._picture 0.png", b"shadow")
        file.writestr("photos/broken.png", b"no picture")
    app = upload(visit("batch"), [("photos.zip", data.getvalue(), "application/zip")])
    assert "2 pictures." in captions(app)
    assert "1 of its 3 pictures cannot be used" in app.error[0].value


def test_a_cancelled_batch_goes_on_with_what_is_missing(visit, wait_until, without_model, monkeypatch):
    import threading

    go, real = threading.Event(), without_model.run

    def slow(*arguments, **more):
        if without_model.asked:
            while not go.wait(0.02):
                more["on_progress"](more_progress())
        return real(*arguments, **more)

    def more_progress():
        from core import Progress

        return Progress("answer", 1, 9)

    monkeypatch.setattr(without_model, "run", slow)
    app = upload(visit("batch"), several(6))
    app.text_area(key=Field.PROMPT).set_value("what").run()
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    feeder = resources.feeders().get(name)
    # The first is done and the queue is full again; the last one waits outside it.
    wait_until(lambda: [row.state for row in feeder.look()].count("missing") == 1)
    assert len(resources.jobs().active()) == WINDOW == 4
    app.run()
    app.button(key="batch-cancel").click().run()
    wait_until(lambda: ended(name))
    app.run()
    assert sorted(app.dataframe[0].value["state"]) == ["done", "not yet computed", *["stopped"] * 4]
    go.set()
    app.button(key="batch-go-on").click().run()
    wait_until(lambda: ended(name))
    app.run()
    assert list(app.dataframe[0].value["state"]) == ["done"] * 6
    assert len(without_model.asked) == 6  # each of them once

    batch = resources.storage().batches.get(name)
    table = batch_panel.summary(batch, resources.feeders().get(name).look(), "http://maps.example")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["address"] for row in rows] == [f"http://maps.example/compute?run={run}" for run in batch.run_ids]
    assert all(0.1 <= float(row["share of hottest 10 %"]) <= 1 for row in rows)


def test_a_batch_stays_until_the_browser_has_heard_of_it(visit, wait_until, without_model, monkeypatch):
    events = [object()]
    monkeypatch.setattr(state, "event", lambda: events[-1])
    app = upload(visit("batch"), several(1))
    app.text_area(key=Field.PROMPT).set_value("what").run()
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


def test_a_batch_that_another_run_of_the_page_is_just_beginning_is_waited_for(visit, wait_until, without_model):
    app = upload(visit("batch"), several(1))
    app.text_area(key=Field.PROMPT).set_value("what").run()
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    app.run()
    app.button(key="batch-new").click().run()
    upload(app, several(1))
    here = app.session_state["session"].batch

    class Busy:
        def __enter__(self):
            here.begun = name  # as the other run has it when it lets go

        def __exit__(self, *_):
            pass

    here.beginning = Busy()
    app.text_area(key=Field.PROMPT).set_value("what").run()
    assert app.query_params["batch"] == name and not app.exception


def test_why_a_row_failed_outlives_the_server(visit, wait_until, without_model, monkeypatch):
    real = without_model.run

    def fails_on_the_first(picture, requests, **more):
        if not without_model.asked:
            without_model.asked.append((requests, None))
            raise InputError("This picture is of the wrong kind.")
        return real(picture, requests, **more)

    monkeypatch.setattr(without_model, "run", fails_on_the_first)
    app = upload(visit("batch"), several(2))
    app.text_area(key=Field.PROMPT).set_value("what").run()
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    st.cache_resource.clear()
    other = visit("batch", batch=name)
    assert list(other.dataframe[0].value["state"]) == ["failed", "done"]
    assert list(other.dataframe[0].value["answer"]) == ["This picture is of the wrong kind.", "right"]
    batch = resources.storage().batches.get(name)
    states = stored_states(batch, resources.storage())
    rows = list(csv.DictReader(io.StringIO(batch_panel.summary(batch, states, "").decode("utf-8-sig"))))
    assert [row["problem"] for row in rows] == ["This picture is of the wrong kind.", ""]
    # It is tried again, and what it comes to counts.
    other.button(key="batch-go-on").click().run()
    wait_until(lambda: ended(name))
    st.cache_resource.clear()
    assert list(visit("batch", batch=name).dataframe[0].value["state"]) == ["done", "done"]


def test_an_unknown_batch_says_so(visit):
    assert "no batch with the name" in visit("batch", batch="0" * 16).warning[0].value
    assert "no batch with the name" in visit("batch", batch="../../etc").warning[0].value
