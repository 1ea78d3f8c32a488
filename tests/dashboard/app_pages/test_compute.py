"""Compute: a run from end to end, stored runs, and things going wrong."""

import json
import shutil

import pytest
import streamlit as st

from core.embedded import CHECKPOINT
from core.scenes.scene import sample
from dashboard import resources
from dashboard.language import speaking
from dashboard.services import submit
from dashboard.session.keys import RUN_BUTTON, FormKey
from tests.dashboard.pages import fill_in, sentences, shows_result, texts
from tests.dashboard.uploading import UPLOAD, encoded

# Empty


def test_compare_and_history_say_what_to_do_while_there_is_nothing(visit):
    assert "Choose one or more runs" in sentences(visit("compare"))
    assert "There are no runs yet" in sentences(visit("history"))


def test_what_is_asked_while_the_page_is_cut_off_is_asked_all_the_same(visit, stored, without_model, monkeypatch):
    """Where an event cuts the page off before the run is on display, its prompt stays in the form."""
    former = stored()
    app = visit("compute", run=former)
    explain, cut = submit.explain, []

    def cut_off(*given):
        if not cut:
            cut.append(given)
            st.rerun()
        return explain(*given)

    monkeypatch.setattr(submit, "explain", cut_off)
    app.text_area(key=FormKey.PROMPT).set_value("And now?")
    app.button(key="run-button").click().run()
    assert cut and app.query_params["run"] != former
    assert app.text_area(key=FormKey.PROMPT).value == "And now?"


# A run from end to end, on the embedded model


def test_a_scene_is_asked_computed_and_found_again_at_once(visit, wait_until):
    app = visit("compute")
    fill_in(app)
    assert app.text_area(key=FormKey.PROMPT).value
    app.number_input(key=FormKey.MAX_NEW_TOKENS).set_value(3)
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4")
    app.run()
    assert "Not stored yet" in sentences(app)
    app.button(key="run-button").click().run()
    name = app.query_params["run"]
    wait_for_jobs(wait_until)
    app.run()
    assert not app.exception and shows_result(app)
    assert "From the store" not in sentences(app)
    assert "Stored already" in sentences(app)

    again = visit("compute", run=name)
    assert shows_result(again)
    assert "From the store" in sentences(again)
    assert again.text_area(key=FormKey.PROMPT).value == app.text_area(key=FormKey.PROMPT).value
    assert again.number_input(key=FormKey.MAX_NEW_TOKENS).value == 3
    assert again.selectbox(key=FormKey.SAMPLES).value == "Quick 4"
    assert again.selectbox(key=FormKey.LAYERS).value == "all"


def wait_for_jobs(wait_until):
    wait_until(lambda: not resources.jobs().active())


def test_a_photograph_is_uploaded_and_asked(visit, wait_until):
    photograph = sample(1_600_000).image.resize((320, 200))
    app = visit("compute")
    app.file_uploader(key=UPLOAD).upload("holiday.png", encoded(photograph)).run()
    assert "holiday.png" in texts(app)
    app.text_area(key=FormKey.PROMPT).set_value("图中有什么？ <|image_pad|> <|im_end|>")
    app.number_input(key=FormKey.MAX_NEW_TOKENS).set_value(2)
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4")
    app.button(key="run-button").click().run()
    wait_for_jobs(wait_until)
    app.run()
    assert shows_result(app)
    assert "图中有什么？ <|image_pad|> <|im_end|>" in texts(app)


# A stored run


@pytest.mark.parametrize("name", ["0" * 16, "nonsense", "../../etc/passwd", "<script>alert(1)</script>"])
def test_an_unknown_run_is_said_in_one_sentence(visit, name):
    app = visit("compute", run=name)
    assert "This server has no run with the name in the address" in sentences(app)
    assert "script" not in sentences(app)


def test_a_run_whose_heat_was_dropped_can_be_computed_again(visit, stored, storage, monkeypatch):
    name = stored(prompt="left or right?", num_samples=7)
    monkeypatch.setattr(type(storage.results), "get", lambda store, request, **_: None)
    app = visit("compute", run=name)
    assert "its heat is no longer stored" in sentences(app)
    assert app.text_area(key=FormKey.PROMPT).value == "left or right?"
    assert app.number_input(key=FormKey.CUSTOM_SAMPLES).value == 7
    assert "two-halves.png" in texts(app)


# Bad input


def test_run_without_a_picture_says_what_is_missing(visit):
    app = visit("compute")
    app.button(key="run-button").click().run()
    assert ["There is no picture or video yet" in error.value for error in app.error] == [True]


def test_a_model_that_is_missing_is_one_sentence(visit, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/nowhere/qwen")
    app = visit("compute")
    app.selectbox(key=FormKey.MODEL).set_value("/nowhere/qwen").run()
    assert not app.exception
    assert ["There is no model folder '/nowhere/qwen'" in error.value for error in app.error] == [True]
    app.button(key="run-button").click().run()
    assert "The chosen model cannot be used" in sentences(app)
    app.selectbox(key=FormKey.MODEL).set_value("embedded").run()
    assert not app.error


def test_a_leftover_of_quantisation_is_said_of_the_model(visit, monkeypatch, tmp_path):
    folder = shutil.copytree(CHECKPOINT, tmp_path / "tuned")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    said = {"quantization_config": {"quant_method": "bitsandbytes"}}
    (folder / "config.json").write_text(json.dumps(config | said), "utf-8")
    monkeypatch.setenv("SMOOTHCAM_MODELS", str(folder))
    app = visit("compute")
    app.selectbox(key=FormKey.MODEL).set_value(str(folder)).run()
    captions = [element.value for element in app.caption]
    assert any("speaks of quantised weights, but its weights are plain" in caption for caption in captions)


def test_a_stored_run_is_shown_whatever_model_is_chosen(visit, stored, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/nowhere/qwen")
    app = visit("compute", run=stored())
    app.selectbox(key=FormKey.MODEL).set_value("/nowhere/qwen").run()
    assert shows_result(app) and "There is no model folder" in sentences(app)


def test_a_run_that_fails_says_why_and_keeps_the_form(visit, wait_until, monkeypatch):
    from core import OutOfMemoryError
    from core.engine.model_pool import ModelPool

    def no_room(models, card):
        raise OutOfMemoryError("The device has no room for even one noise sample.")

    monkeypatch.setattr(ModelPool, "get", no_room)
    app = visit("compute")
    fill_in(app)
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert [error.value for error in app.error] == ["The device has no room for even one noise sample."]
    assert app.text_area(key=FormKey.PROMPT).value


def test_a_full_disk_loses_no_result(visit, wait_until, monkeypatch, explainer):
    from cache import ResultStore, StoreError
    from core.engine.model_pool import ModelPool

    def full(store, result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(ResultStore, "put", full)
    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    app = visit("compute")
    fill_in(app)
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert shows_result(app)
    assert [warning.value for warning in app.warning] == [
        "This result is shown but was not kept. The disk is full. Free some space."
    ]
    app.button(key="run-button").click().run()
    assert shows_result(app) and len(explainer.asked) == 1


# History, Compare, Home with runs


def test_history_lists_searches_and_pages(visit, stored):
    for number in range(27):
        stored(prompt=f"question {number}", text="左上角" if number == 3 else "right")
    app = visit("history")
    table = app.dataframe[0].value
    assert len(table) == 25 and table["prompt"].iloc[0] == "question 26"
    assert table["map"].iloc[0].startswith("data:image/webp;base64,")
    app.number_input(key="page").set_value(2).run()
    assert list(app.dataframe[0].value["prompt"]) == ["question 1", "question 0"]
    found = visit("history", search="左上")
    assert list(found.dataframe[0].value["prompt"]) == ["question 3"]
    assert "Use fewer or shorter ones" in sentences(visit("history", search="zebra"))


def test_a_search_that_leaves_fewer_pages_begins_at_the_first(visit, stored):
    for number in range(55):
        stored(prompt=f"question {number}", text="many" if number < 30 else "few")
    app = visit("history")
    app.number_input(key="page").set_value(3).run()
    app.text_input(key="search").set_value("many").run()
    assert not app.exception
    assert app.dataframe[0].value["prompt"].iloc[0] == "question 29"


def test_in_chinese_peoples_own_text_stays_as_it_is(visit, stored):
    app = visit("compute", run=stored(text="The method *is* Open", prompt="Run Home?"))
    app.session_state["language"] = "zh_Hans"
    app.run()
    assert app.button(key=RUN_BUTTON).label == "运行" and "已存储：可立即打开" in sentences(app)
    assert "Run Home?" in texts(app) and app.text_area(key=FormKey.PROMPT).value == "Run Home?"
    app.query_params["run"] = "0123456789abcdef"
    with speaking("zh_Hans"):  # the titles of what is chosen, which a browser sends back as it was given them
        app.run()
    assert "本服务器上没有地址中所指的运行记录" in sentences(app)
