"""The row below a map: what can be taken away, and what Share shows to be copied."""

import pytest

from dashboard.export import reproduce
from dashboard.services.open import open_run
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View

PLANTED = "</code><script>alert(1)</script> `$(rm -rf ~)` **bold**\n:material/home: 左上"


def codes(app):
    return [code.value for code in app.code]


def test_share_shows_address_prompt_command_and_python_as_they_are(visit, stored):
    app = visit("compute", run=stored(prompt=PLANTED), tab="Share", layer="3")
    address, prompt, command, python = codes(app)
    assert f"run={app.query_params['run']}" in address and "tab=Share" in address and "layer=3" in address
    assert prompt == PLANTED
    assert command.startswith("python -m core") and "'--prompt=</code><script>" in command
    assert repr(PLANTED) in python and "explainer.explain(" in python
    assert {code.language for code in app.code} <= {"plaintext", "bash", "python", None, ""}
    assert not any("<script>" in element.value for element in (*app.markdown, *app.caption))


def test_every_file_can_be_taken_away(visit, stored):
    app = visit("compute", run=stored())
    assert not app.get("download_button")  # what nobody has opened costs nothing
    app = visit("compute", run=stored(), tab="Take away")
    labels = [button.label for button in app.get("download_button")]
    others = ["COCO", "FiftyOne", "Label Studio"]
    assert labels == ["Overlay PNG", "Heat NPZ", "Heat CSV", "All layers ZIP", *others]


def test_boxes_of_the_answer_can_be_taken_away_where_there_are_any(visit, stored):
    app = visit("compute", run=stored('{"bbox_2d": [112, 0, 224, 140]}'), tab="Take away")
    labels = [button.label for button in app.get("download_button")]
    assert labels[:5] == ["Overlay PNG", "Heat NPZ", "Heat CSV", "Boxes CSV", "All layers ZIP"]


@pytest.mark.parametrize("extras", [[], ["colour bar"], ["caption"], ["colour bar", "caption"]])
def test_what_is_drawn_below_the_picture_is_chosen(extras, visit, stored, monkeypatch):
    asked = []
    monkeypatch.setattr(exports, "overlay_png", lambda run, view, bar, caption: asked.append((bar, caption)))
    monkeypatch.setattr(
        "dashboard.ui.viewer.downloads.st.download_button", lambda label, data, *rest, **more: taken(label, data)
    )

    def taken(label, data):
        if label == "Overlay PNG":
            data()

    app = visit("compute", run=stored(), tab="Take away")
    app.pills(key="png-extras").set_value(extras).run()
    assert not app.exception
    assert asked[-1] == ("colour bar" in extras, "caption" in extras)


def test_what_is_taken_away_is_what_the_address_shows(visit, stored, monkeypatch):
    views = []
    monkeypatch.setattr(exports, "overlay_png", lambda run, view, bar, caption: views.append(view))
    monkeypatch.setattr(
        "dashboard.ui.viewer.downloads.st.download_button",
        lambda label, data, *rest, **more: data() if label == "Overlay PNG" else None,
    )
    view = {"layer": "3", "opacity": "0.4", "threshold": "20", "veil": "even", "colormap": "jet", "cells": "blocky"}
    visit("compute", run=stored(), tab="Take away", **view)
    (drawn,) = views
    assert (drawn.layer, drawn.opacity, drawn.threshold, drawn.even) == (3, 0.4, 0.2, True)
    assert (drawn.colormap, drawn.smooth, drawn.method) == ("jet", False, "gradient_deviation")


def test_files_are_named_by_kind_and_never_by_people(stored):
    run = open_run(stored())
    assert reproduce.picture_names(run) == ["picture.png"]
    assert "--image_path=picture.png" in reproduce.command_of(run, ["picture.png"])
    assert exports.caption_of(run, View(layer=0))["Model"] == "embedded"
