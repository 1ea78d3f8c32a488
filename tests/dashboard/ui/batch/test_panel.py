"""A batch on its page: rows that were stopped or failed, and the summary."""

import csv
import io
import json
import zipfile

import streamlit as st

from core import InputError
from dashboard import resources
from dashboard.batch.feeder import WINDOW, stored_states
from dashboard.session.keys import FormKey
from dashboard.ui.batch.panel import data_set, summary
from tests.dashboard.uploading import ended, several, upload


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
    app.text_area(key=FormKey.PROMPT).set_value("what").run()
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
    table = summary(batch, resources.feeders().get(name).look(), "http://maps.example")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["address"] for row in rows] == [f"http://maps.example/compute?run={run}" for run in batch.run_ids]
    assert all(0.1 <= float(row["share of hottest 10 %"]) <= 1 for row in rows)

    assert [each.label for each in app.get("download_button")] == ["Summary CSV", "COCO", "FiftyOne", "Label Studio"]
    with zipfile.ZipFile(io.BytesIO(data_set(batch, resources.feeders().get(name).look(), "coco"))) as file:
        told = json.loads(file.read("coco.json"))
    assert [each["file_name"] for each in told["images"]] == [row.name for row in batch.rows]
    assert {each["image_id"] for each in told["annotations"]} == set(range(1, 7))


def test_why_a_row_failed_outlives_the_server(visit, wait_until, without_model, monkeypatch):
    real = without_model.run

    def fails_on_the_first(picture, requests, **more):
        if not without_model.asked:
            without_model.asked.append((requests, None))
            raise InputError("This picture is of the wrong kind.")
        return real(picture, requests, **more)

    monkeypatch.setattr(without_model, "run", fails_on_the_first)
    app = upload(visit("batch"), several(2))
    app.text_area(key=FormKey.PROMPT).set_value("what").run()
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    st.cache_resource.clear()
    other = visit("batch", batch=name)
    assert list(other.dataframe[0].value["state"]) == ["failed", "done"]
    assert list(other.dataframe[0].value["answer"]) == ["This picture is of the wrong kind.", "right"]
    batch = resources.storage().batches.get(name)
    states = stored_states(batch, resources.storage())
    rows = list(csv.DictReader(io.StringIO(summary(batch, states, "").decode("utf-8-sig"))))
    assert [row["problem"] for row in rows] == ["This picture is of the wrong kind.", ""]
    # It is tried again, and what it comes to counts.
    other.button(key="batch-go-on").click().run()
    wait_until(lambda: ended(name))
    st.cache_resource.clear()
    assert list(visit("batch", batch=name).dataframe[0].value["state"]) == ["done", "done"]


def test_a_batch_in_chinese(visit_in_chinese, batch_of):
    batch = batch_of("ada")
    app = visit_in_chinese("batch", batch=batch.id)
    assert [header.value for header in app.header] == ["2 行的批量任务"]
    assert app.button(key="batch-go-on").label == "计算缺少的 2 项"
    table = app.dataframe[0].value
    assert table["prompt"][0] == "What is this?" and set(table["state"]) == {"not yet computed"}
