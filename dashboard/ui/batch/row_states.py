"""What becomes of each row of a batch, as a coloured mark in its table: what is wrong is seen at a glance."""

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.language import N_, _

LEFT_OUT = N_("left out")
STORED = N_("stored already")
TO_COMPUTE = N_("to compute")
WORDS = {
    "missing": N_("not yet computed"),
    "queued": N_("waiting"),
    "running": N_("running"),
    "done": N_("done"),
    "failed": N_("failed"),
    "stopped": N_("stopped"),
}
"""The state of a row of `dashboard.batch.feeder`, and how pages call it, in English."""

_COLOURS = {
    LEFT_OUT: "red",
    WORDS["failed"]: "red",
    WORDS["stopped"]: "orange",
    WORDS["running"]: "blue",
    WORDS["done"]: "green",
    STORED: "green",
    TO_COMPUTE: "gray",
    WORDS["queued"]: "gray",
    WORDS["missing"]: "gray",
}


def marks_column(title: str) -> ColumnConfig:
    """How a table shows a column of the words above."""
    return st.column_config.MultiselectColumn(
        title, width=130, options=list(_COLOURS), color=list(_COLOURS.values()), format_func=_
    )
