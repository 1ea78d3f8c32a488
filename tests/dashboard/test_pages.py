"""Every page, driven without a browser: empty, full, and with things going wrong."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.embedded.scenes import sample
from dashboard import resources
from dashboard.state import Field

UPLOAD = f"{Field.UPLOAD}-0"


def texts(app: AppTest) -> list[str]:
    """All plain text on the page."""
    return [text.value for text in app.text]


def sentences(app: AppTest) -> str:
    """All that the page says in boxes and small print."""
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown)
    return "\n".join(element.value for kind in boxes for element in kind)


def shows_result(app: AppTest) -> bool:
    return any("Raw heat" in element.value for element in app.markdown)


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


# Empty


def test_home_says_how_to_begin(visit):
    assert "Begin with a sample scene" in sentences(visit("landing"))


def test_compute_begins_with_scenes_and_is_honest_about_its_model(visit):
    app = visit("compute")
    assert app.button(key="start-use-0")
    assert "knows only drawn scenes of coloured shapes" in sentences(app)
    assert "SMOOTHCAM_MODELS" in sentences(app)


def test_compare_and_history_say_what_to_do_while_there_is_nothing(visit):
    assert "Choose one or more runs" in sentences(visit("compare"))
    assert "There are no runs yet" in sentences(visit("history"))


# A run from end to end, on the embedded model


def test_a_scene_is_asked_computed_and_found_again_at_once(visit, wait_until):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    assert app.text_area(key=Field.PROMPT).value
    app.number_input(key=Field.MAX_NEW_TOKENS).set_value(3)
    app.selectbox(key=Field.SAMPLES).set_value("Quick 4")
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
    assert again.text_area(key=Field.PROMPT).value == app.text_area(key=Field.PROMPT).value
    assert again.number_input(key=Field.MAX_NEW_TOKENS).value == 3
    assert again.selectbox(key=Field.SAMPLES).value == "Quick 4"
    assert again.selectbox(key=Field.LAYERS).value == "all"


def wait_for_jobs(wait_until):
    wait_until(lambda: not resources.jobs().active())


def test_a_photograph_is_uploaded_and_asked(visit, wait_until):
    photograph = sample(1_600_000).image.resize((320, 200))
    app = visit("compute")
    app.file_uploader(key=UPLOAD).upload("holiday.png", png(photograph)).run()
    assert "holiday.png" in texts(app)
    app.text_area(key=Field.PROMPT).set_value("图中有什么？ <|image_pad|> <|im_end|>")
    app.number_input(key=Field.MAX_NEW_TOKENS).set_value(2)
    app.selectbox(key=Field.SAMPLES).set_value("Quick 4")
    app.button(key="run-button").click().run()
    wait_for_jobs(wait_until)
    app.run()
    assert shows_result(app)
    assert "图中有什么？ <|image_pad|> <|im_end|>" in texts(app)


def test_the_form_outlives_a_visit_to_another_page(visit):
    app = visit("compute")
    app.button(key="start-use-1").click().run()
    app.text_area(key=Field.PROMPT).set_value("my question")
    app.number_input(key=Field.NOISE).set_value(0.4).run()
    app.switch_page("screens/history.py").run()
    app.switch_page("screens/compute.py").run()
    assert app.text_area(key=Field.PROMPT).value == "my question"
    assert app.number_input(key=Field.NOISE).value == 0.4
    assert "Sample scene 2" in texts(app)


# A stored run


def test_moving_the_layer_computes_nothing(visit, stored, monkeypatch):
    app = visit("compute", run=stored())
    monkeypatch.setattr(resources.jobs(), "submit", lambda *asked: pytest.fail("something was queued"))
    assert "**Combined map** over the picture" in [element.value for element in app.markdown]
    app.segmented_control(key="map").set_value("layer").run()
    app.select_slider(key="layer").set_value(6).run()
    assert "**Layer 6** over the picture" in [element.value for element in app.markdown]


def test_the_view_is_read_from_the_address(visit, stored):
    app = visit("compute", run=stored(), layer="5", opacity="0.8", colormap="viridis", cells="blocky", scale="common")
    assert app.select_slider(key="layer").value == 5
    assert app.slider(key="opacity").value == 0.8
    assert app.selectbox(key="colormap").value == "viridis"
    assert app.selectbox(key="cells").value == "blocky"
    assert app.selectbox(key="scale").value == "common"


def test_nonsense_in_the_address_gives_the_usual_view(visit, stored):
    app = visit("compute", run=stored(), layer="999", opacity="NaN", colormap="<b>", cells="💥", scale="", other="1")
    assert shows_result(app)
    assert app.select_slider(key="layer").value == 1  # the first of those that rank the cells as the combined map
    assert app.slider(key="opacity").value == 0.5
    assert app.selectbox(key="colormap").value == "inferno"


@pytest.mark.parametrize("name", ["0" * 16, "nonsense", "../../etc/passwd", "<script>alert(1)</script>"])
def test_an_unknown_run_is_said_in_one_sentence(visit, name):
    app = visit("compute", run=name)
    assert "This server has no run with the name in the address" in sentences(app)
    assert "script" not in sentences(app)


def test_peoples_text_is_shown_as_it_is(visit, stored):
    prompt, answer = "# <b>big</b> $x^2$ :smile: [link](http://x)", "**bold** <img src=x onerror=alert(1)>"
    app = visit("compute", run=stored(prompt=prompt, text=answer))
    assert prompt in texts(app) and answer in texts(app)
    assert not any(prompt in element.value or answer in element.value for element in app.markdown)


def test_a_run_whose_heat_was_dropped_can_be_computed_again(visit, stored, storage, monkeypatch):
    name = stored(prompt="left or right?", num_samples=7)
    monkeypatch.setattr(type(storage.results), "get", lambda store, request, **_: None)
    app = visit("compute", run=name)
    assert "its heat is no longer stored" in sentences(app)
    assert app.text_area(key=Field.PROMPT).value == "left or right?"
    assert app.number_input(key=Field.CUSTOM_SAMPLES).value == 7
    assert "two-halves.png" in texts(app)


# Bad input


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("notes.png", b"just text", "not a picture"),
        ("cut.png", png(sample(1_600_001).image)[:700], "damaged or cut off"),
        ("thin.png", png(Image.new("RGB", (1, 4000))), "Crop it"),
        ("huge.png", png(Image.new("1", (12_000, 12_000))), "megapixels"),
        ("empty.png", b"", "empty"),
    ],
)
def test_a_bad_picture_is_one_sentence_and_the_prompt_stays(visit, name, data, words):
    app = visit("compute")
    app.text_area(key=Field.PROMPT).set_value("my long question").run()
    app.file_uploader(key=UPLOAD).upload(name, data).run()
    assert not app.exception
    assert [words in error.value for error in app.error] == [True]
    assert app.text_area(key=Field.PROMPT).value == "my long question"


def test_a_bad_picture_does_not_take_the_good_one_away(visit):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.file_uploader(key=f"{Field.UPLOAD}-1").upload("notes.png", b"just text").run()
    assert "The picture chosen before is kept" in sentences(app)
    assert "Sample scene 1" in texts(app)


def test_what_was_done_to_a_picture_is_said(visit):
    frames = [sample(seed).image.resize((168, 168)) for seed in (1_600_002, 1_600_003)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:])
    app = visit("compute")
    app.file_uploader(key=UPLOAD).upload("moving.gif", data.getvalue()).run()
    assert "The file has 2 frames; the first one is used." in sentences(app)


@pytest.mark.parametrize(("prompt", "words"), [("   ", "prompt is empty"), ("x" * 100_000, "100,000 characters")])
def test_a_bad_prompt_is_one_sentence(visit, prompt, words):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.text_area(key=Field.PROMPT).set_value(prompt)
    app.button(key="run-button").click().run()
    assert [words in error.value for error in app.error] == [True]


def test_run_without_a_picture_says_what_is_missing(visit):
    app = visit("compute")
    app.button(key="run-button").click().run()
    assert ["There is no picture yet" in error.value for error in app.error] == [True]


def test_bad_layers_are_one_sentence(visit):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.selectbox(key=Field.LAYERS).set_value("custom").run()
    app.text_input(key=Field.CUSTOM_LAYERS).set_value("99")
    app.button(key="run-button").click().run()
    assert ["There is no layer 99" in error.value for error in app.error] == [True]


def test_a_model_that_is_missing_is_one_sentence(visit, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/nowhere/qwen")
    app = visit("compute")
    app.selectbox(key=Field.MODEL).set_value("/nowhere/qwen").run()
    assert not app.exception
    assert ["There is no model folder /nowhere/qwen" in error.value for error in app.error] == [True]
    app.button(key="run-button").click().run()
    assert "The chosen model cannot be used" in sentences(app)
    app.selectbox(key=Field.MODEL).set_value("embedded").run()
    assert not app.error


def test_a_stored_run_is_shown_whatever_model_is_chosen(visit, stored, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/nowhere/qwen")
    app = visit("compute", run=stored())
    app.selectbox(key=Field.MODEL).set_value("/nowhere/qwen").run()
    assert shows_result(app) and "There is no model folder" in sentences(app)


def test_a_run_that_fails_says_why_and_keeps_the_form(visit, wait_until, monkeypatch):
    from core import OutOfMemoryError
    from core.loaded import LoadedModels

    def no_room(models, card):
        raise OutOfMemoryError("The device has no room for even one noise sample.")

    monkeypatch.setattr(LoadedModels, "get", no_room)
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert [error.value for error in app.error] == ["The device has no room for even one noise sample."]
    assert app.text_area(key=Field.PROMPT).value


def test_a_full_disk_loses_no_result(visit, wait_until, monkeypatch, explainer):
    from cache import ResultStore, StoreError
    from core.loaded import LoadedModels

    def full(store, result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(ResultStore, "put", full)
    monkeypatch.setattr(LoadedModels, "get", lambda models, card: explainer)
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert shows_result(app)
    assert [warning.value for warning in app.warning] == [
        "This result is shown but was not kept. The disk is full. Free some space."
    ]
    app.button(key="run-button").click().run()
    assert shows_result(app) and len(explainer.asked) == 1


def test_an_unusable_data_folder_is_said_and_people_can_still_work(visit, data_folder):
    data_folder.write_text("a file in the way")
    app = visit("compute")
    assert ["runs are kept in a temporary folder" in warning.value for warning in app.warning] == [True]
    assert app.button(key="start-use-0")


def test_an_unusable_setting_is_said_instead_of_a_traceback(visit, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORE_GIGABYTES", "lots")
    app = visit("history")
    assert ["SMOOTHCAM_STORE_GIGABYTES" in error.value for error in app.error] == [True]


def test_the_original_method_comes_with_its_warning(visit):
    app = visit("compute")
    app.selectbox(key=Field.METHOD).set_value("gradcam").run()
    assert any("Kept for comparison" in warning.value for warning in app.warning)


# History, Compare, Home with runs


def test_home_shows_the_latest_runs_and_the_store(visit, stored):
    for number in range(6):
        stored(prompt=f"question {number}")
    app = visit("landing")
    assert [text for text in texts(app) if text.startswith("question")] == [
        f"question {number}" for number in (5, 4, 3, 2)
    ]
    assert [metric.value for metric in app.metric][0] == "6"


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


@pytest.mark.parametrize("damage", [b"RIFF of nothing", b"\x89PNG\r\n\x1a\n", b""])
def test_a_damaged_thumbnail_costs_home_no_more_than_itself(visit, stored, storage, damage):
    run = storage.runs.get(stored())
    storage.runs.record(replace(run, thumbnail=damage))
    app = visit("landing")
    assert not app.exception and not app.get("imgs")
    assert "Where is the red half?" in [element.value for element in app.text]
