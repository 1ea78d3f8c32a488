"""The trash of History: deleting, taking back, and emptying it once somebody has said that this is meant."""

from collections.abc import Sequence

import streamlit as st

from cache import RunRecord
from core import ExplainError
from dashboard import resources
from dashboard.auth import identity as people
from dashboard.auth import permissions as ownership
from dashboard.session import state


def delete_button(runs: Sequence[RunRecord]) -> None:
    """Puts the selected runs into the trash, or takes them out where they are in it."""
    if all(run.deleted is not None for run in runs):
        st.button("Put back", key="restore-runs", icon=":material/restore:", on_click=_restore, args=(runs,))
        return
    own = ownership.may_change(runs)
    st.button(
        "Delete",
        key="delete-runs",
        icon=":material/delete:",
        help="Into the trash, for everybody; it can be taken back"
        if own
        else "Only whoever asked first, or an administrator, can delete a run",
        disabled=not own,
        on_click=_delete,
        args=(runs,),
    )


def undo_line() -> None:
    """What was deleted last, and the button that takes it back."""
    runs = state.session().trashed
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo-delete"):
        what = "One run is" if len(runs) == 1 else f"{len(runs)} runs are"
        st.caption(f"{what} in the trash.", width="content")
        st.button("Undo", key="undo-button", icon=":material/undo:", on_click=_restore, args=(runs,))


def empty_button() -> None:
    """Empties the trash of what one may remove for good, after asking."""
    count = resources.storage().runs.trashed(people.viewer(), ownership.trash_of())
    if count and st.button(f"Empty the trash ({count:,})", key="empty-trash", icon=":material/delete_forever:"):
        _confirm(count)


@st.dialog("Empty the trash?")
def _confirm(count: int) -> None:
    what = "One run is" if count == 1 else f"{count:,} runs are"
    st.write(
        f"{what} removed from the history for good, for everybody, with their notes and tags. "
        "This cannot be taken back. Heat that is still stored stays until it is evicted."
    )
    with st.container(horizontal=True):
        if st.button("Empty the trash", type="primary", key="confirm-empty", on_click=_empty):
            st.rerun()
        if st.button("Keep them", key="keep-trash"):
            st.rerun()


def _empty() -> None:
    try:
        ownership.empty_trash()
    except ExplainError as error:
        state.session().problem = str(error)
    else:
        state.session().trashed = ()


def _delete(runs: Sequence[RunRecord]) -> None:
    here = state.session()
    try:
        if ownership.delete(runs):
            here.trashed, here.selected = tuple(runs), ()
    except ExplainError as error:
        here.problem = str(error)


def _restore(runs: Sequence[RunRecord]) -> None:
    here = state.session()
    try:
        if not ownership.restore(runs):
            here.problem = "Somebody has emptied the trash since; these runs are gone."
    except ExplainError as error:
        here.problem = str(error)
    else:
        here.trashed = ()
