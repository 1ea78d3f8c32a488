"""What tests read off a page, and do to it as a person would."""

import json

from pandas import DataFrame
from streamlit.testing.v1 import AppTest

from dashboard.session.keys import FormKey, HistoryKey
from dashboard.ui.sample_scenes import scenes

VIEWER = "smooth_gradcam_viewer"


def sentences(app: AppTest) -> str:
    """All that the page says in boxes, small print and markdown."""
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown)
    return "\n".join(element.value for kind in boxes for element in kind)


def texts(app: AppTest) -> list[str]:
    """All plain text on the page."""
    return [text.value for text in app.text]


def titles(app: AppTest) -> list[str]:
    """All that the page says in markdown, element by element."""
    return [element.value for element in app.markdown]


def shows_result(app: AppTest) -> bool:
    """Whether the maps of a run that is done are on the page."""
    return bool(_viewers(app)) and not viewer_head(app)["grows"]


def viewer_head(app: AppTest) -> dict:
    """What the viewer was told about the maps of a run: see `dashboard.ui.drawing.packet`."""
    (element,) = _viewers(app)
    data = element.proto.bytes
    return json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])


def _viewers(app: AppTest) -> list:
    return [each for each in app.get("bidi_component") if each.proto.component_name == VIEWER]


def maps_shown(app: AppTest) -> list[str]:
    """The maps that the viewer has, the one that it shows first before all others."""
    head = viewer_head(app)
    names = [each["name"] for each in head["maps"]]
    return [names.pop(head["first"]), *names]


def chart(app: AppTest, number: int = 0) -> dict:
    """What a chart on the page draws."""
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def table_with(app: AppTest, column: str) -> DataFrame | None:
    """The first table on the page that has such a column."""
    return next((table.value for table in app.dataframe if column in table.value), None)


def prompts(app: AppTest) -> list[str]:
    """The prompts of the runs that the page lists."""
    return [prompt for table in app.dataframe if "prompt" in table.value for prompt in table.value["prompt"]]


def fill_in(app: AppTest, number: int = 0) -> AppTest:
    """Puts a sample scene and its question into Compute's form, as an upload and typing do."""
    scene = scenes()[number]
    app.session_state["session"].pictures = (scene.chosen,)
    app.text_area(key=FormKey.PROMPT).set_value(scene.question)
    return app.run()


def open_recent(app: AppTest) -> AppTest:
    """Opens the list of what was asked lately on Compute; it is looked up only then. Other pages stay as they are."""
    app.session_state[FormKey.RECENT] = True
    return app.run()


def select(app: AppTest, *rows: int) -> AppTest:
    """Selects rows of History's table as a click on their boxes does."""
    table = next(table for table in app.dataframe if (table.key or "").startswith(HistoryKey.TABLE))
    app.session_state[table.key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()
