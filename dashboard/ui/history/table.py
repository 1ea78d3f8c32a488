"""A page of history as a table: one row a run, which stays selected wherever an edit moves it."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from cache import RunRecord
from dashboard import formatting
from dashboard.session.keys import HistoryKey
from dashboard.session.state import session
from dashboard.ui import run_rows as listing

PAGE_SIZE = 25
EVICTED = "evicted"


def run_table(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Draws the table; returns the runs that are selected."""
    here = session()
    names = [run.run_id for run in runs]
    # Rows are selected by their place. With another page or order the widget is another one, and begins with
    # the places at which the selected runs are now.
    key = f"{HistoryKey.TABLE}-{hashlib.sha256(','.join(names).encode()).hexdigest()[:12]}"
    shown = columns(runs)
    event = st.dataframe(
        shown,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [names.index(name) for name in here.selected if name in names]}},
        hide_index=True,
        row_height=56,
        height="content" if len(runs) < 12 else 720,
        column_order=[name for name in ORDER if name not in OPTIONAL or any(shown[name])],
        column_config=column_config(),
        placeholder="",
        alt="Past runs",
    )
    chosen = [runs[row] for row in event["selection"]["rows"] if row < len(runs)]
    here.selected = tuple(run.run_id for run in chosen)
    return chosen


def columns(runs: Sequence[RunRecord]) -> dict[str, list[Any]]:
    """Column name -> one value a run."""
    return {
        **listing.columns(runs),
        "pinned": ["●" if run.pinned else "" for run in runs],
        "title": [formatting.short(run.title, 100) for run in runs],
        "rating": [formatting.stars(run.rating) for run in runs],
        "tags": [list(run.tags) for run in runs],
        "note": [formatting.short(run.note, 200) for run in runs],
        "size": [EVICTED if run.stored is None else formatting.size(run.stored) for run in runs],
        "who": [run.who for run in runs],
        "private": ["private" if run.private_to else "" for run in runs],
    }


def column_config() -> dict[str, Any]:
    """How `columns` are shown, in what order; what is read most often fits on a narrow screen."""
    config, usual = st.column_config, listing.column_config()
    own = {
        "pinned": config.TextColumn("", width=28, help="Pinned"),
        "picture": config.TextColumn("Picture", width=112),
        "prompt": config.TextColumn("Prompt", width=160),
        "answer": config.TextColumn("Answer", width=140),
        "method": config.TextColumn("Method", width=180),
        "model": config.TextColumn("Model", width=84),
        "title": config.TextColumn("Title", width=110),
        "rating": config.TextColumn("Rating", width=84),
        "tags": config.ListColumn("Tags", width=120),
        "note": config.TextColumn("Note", width=170),
        "size": config.TextColumn("Stored", width=74, help="Bytes of its heat; evicted: can be computed again"),
        "who": config.TextColumn("Who", width=80, help="Who asked first"),
        "private": config.TextColumn("Seen by", width=64, help="Private runs are seen by whoever asked alone"),
    }
    return usual | own


ORDER = (
    "pinned",
    "map",
    "picture",
    "title",
    "prompt",
    "answer",
    "model",
    "method",
    "samples",
    "when",
    "seconds",
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

OPTIONAL = {"pinned", "title", "rating", "tags", "note", "who", "private"}
"""Columns that are left out where a page has nothing in them; the table's own menu shows them."""
