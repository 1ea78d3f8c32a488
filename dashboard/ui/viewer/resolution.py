"""Beside a map: at which size the model saw the picture, where that was less than it could, and one click for all."""

import streamlit as st

from core import ExplainError
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask_in_full
from dashboard.services.resolution import scaled_down
from dashboard.session import clicks

FULL_BUTTON = "ask-in-full"


def resolution_note(run: LoadedRun) -> None:
    """A line and a button; nothing where the picture was not made smaller than the model takes it."""
    found = scaled_down(run)
    if found is None:
        return
    (own_width, own_height), (width, height), rows_columns = found.own, found.seen, run.result.grid
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="resolution"):
        st.caption(
            _(
                "The model saw the picture at {width:,} × {height:,} of its {own_width:,} × {own_height:,} pixels: a "
                "cell is {cell} × {cell} of these, {across:.0f} × {down:.0f} of the picture's own.",
                width=width,
                height=height,
                own_width=own_width,
                own_height=own_height,
                cell=found.cell,
                across=own_width / rows_columns[1],
                down=own_height / rows_columns[0],
            ),
            width="content",
        )
        pressed = clicks.button(
            _("Ask in full resolution"),
            FULL_BUTTON,
            type="tertiary",
            help=_(
                "{full:,} visual tokens in place of {count:,}: a finer map, for more memory and time.",
                full=found.full,
                count=found.tokens,
            ),
        )
    if pressed:
        try:
            ask_in_full(run)
        except ExplainError as error:
            st.error(sentence(str(error)))
        else:
            st.rerun()
