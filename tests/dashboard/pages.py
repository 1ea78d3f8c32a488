"""What tests read off a page, and do to it as a person would."""

import json

from pandas import DataFrame
from streamlit.testing.v1 import AppTest

from dashboard.session.keys import HistoryKey


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
    """Whether the maps of a run are on the page."""
    return any("Raw heat" in title for title in titles(app))


def chart(app: AppTest, number: int = 0) -> dict:
    """What a chart on the page draws."""
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def table_with(app: AppTest, column: str) -> DataFrame | None:
    """The first table on the page that has such a column."""
    return next((table.value for table in app.dataframe if column in table.value), None)


def prompts(app: AppTest) -> list[str]:
    """The prompts of the runs that the page lists."""
    return [prompt for table in app.dataframe if "prompt" in table.value for prompt in table.value["prompt"]]


def select(app: AppTest, *rows: int) -> AppTest:
    """Selects rows of History's table as a click on their boxes does."""
    table = next(table for table in app.dataframe if (table.key or "").startswith(HistoryKey.TABLE))
    app.session_state[table.key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()
