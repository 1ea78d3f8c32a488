"""A page of history as a table: one row a record, which stays selected wherever an edit moves it."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from cache import RunRecord
from dashboard.formatting import short, size, stars, visible
from dashboard.language import N_, _
from dashboard.session import state
from dashboard.session.keys import HistoryKey
from dashboard.ui import run_rows

PAGE_SIZE = 25
EVICTED = N_("evicted")


def run_table(records: Sequence[RunRecord]) -> list[RunRecord]:
    """Draws the table; returns those that are selected."""
    session = state.session()
    names = [record.run_id for record in records]
    # Rows are selected by their number. With another page or order the widget is another one, and begins with
    # the rows in which the selected runs are now.
    key = f"{HistoryKey.TABLE}-{hashlib.sha256(','.join(names).encode()).hexdigest()[:12]}"
    shown = columns(records)
    event = st.dataframe(
        shown,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [names.index(name) for name in session.selected if name in names]}},
        hide_index=True,
        row_height=56,
        height="content" if len(records) < 12 else 720,
        column_order=[name for name in ORDER if name not in OPTIONAL or any(shown[name])],
        column_config=column_config(),
        placeholder="",
        alt=_("Past runs"),
    )
    chosen = [records[row] for row in event["selection"]["rows"] if row < len(records)]
    session.selected = tuple(record.run_id for record in chosen)
    return chosen


def columns(records: Sequence[RunRecord]) -> dict[str, list[Any]]:
    """Column name -> one value a record."""
    return {
        **run_rows.columns(records),
        "pinned": ["●" if record.pinned else "" for record in records],
        "title": [short(record.title, 100) for record in records],
        "rating": [stars(record.rating) for record in records],
        "tags": [[visible(tag) for tag in record.tags] for record in records],
        "note": [short(record.note, 200) for record in records],
        "size": [_(EVICTED) if record.stored is None else size(record.stored) for record in records],
        "who": [visible(record.who) for record in records],
        "private": [_("private") if record.private_to else "" for record in records],
        "video": [record.video_seconds or None for record in records],
        "steps": [record.steps or None for record in records],
    }


def column_config() -> dict[str, Any]:
    """How `columns` are shown, in what order; what is read most often fits on a narrow screen."""
    config, usual = st.column_config, run_rows.column_config()
    own = {
        "pinned": config.TextColumn("", width=28, help=_("Pinned")),
        "picture": config.TextColumn(_("Picture"), width=112),
        "prompt": config.TextColumn(_("Prompt"), width=160),
        "answer": config.TextColumn(_("Answer"), width=140),
        "method": config.TextColumn(_("Method"), width=180),
        "model": config.TextColumn(_("Model"), width=84),
        "title": config.TextColumn(_("Title"), width=110),
        "rating": config.TextColumn(_("Rating"), width=84),
        "tags": config.ListColumn(_("Tags"), width=120),
        "note": config.TextColumn(_("Note"), width=170),
        "size": config.TextColumn(_("Stored"), width=74, help=_("Bytes of its heat; evicted: can be computed again")),
        "who": config.TextColumn(_("Who"), width=80, help=_("Who asked first")),
        "video": config.NumberColumn(_("Video"), format=_("%.1f s"), width=66, help=_("How long the video lasts")),
        "steps": config.NumberColumn(_("Steps"), width=60, help=_("In how many time steps the model sees the video")),
        "private": config.TextColumn(_("Seen by"), width=64, help=_("Private runs are seen by whoever asked alone")),
    }
    return usual | own


ORDER = (
    "pinned",
    "map",
    "picture",
    "origin",
    "title",
    "prompt",
    "answer",
    "decoding",
    "model",
    "method",
    "samples",
    "when",
    "seconds",
    "video",
    "steps",
    "size",
    "rating",
    "tags",
    "note",
    "who",
    "private",
    "explained",
    "layers",
    "run",
)
"""The columns from left to right."""

OPTIONAL = {
    *("pinned", "origin", "decoding", "title", "rating", "tags", "note", "who", "private", "video", "steps"),
}
"""Columns that are left out where a page has nothing in them; the table's own menu shows them."""
