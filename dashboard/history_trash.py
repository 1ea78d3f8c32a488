"""The trash of History: deleting, taking back, and emptying it once somebody has said that this is meant."""

from collections.abc import Sequence

import streamlit as st

from cache import Change, Run
from core import ExplainError
from dashboard import services, state


def delete_button(runs: Sequence[Run]) -> None:
    """Puts the selected runs into the trash, or takes them out where they are in it."""
    if all(run.deleted is not None for run in runs):
        restore = ([run.run_id for run in runs],)
        st.button("Put back", key="restore-runs", icon=":material/restore:", on_click=_restore, args=restore)
        return
    st.button(
        "Delete",
        key="delete-runs",
        icon=":material/delete:",
        help="Into the trash, for everybody; it can be taken back",
        on_click=_delete,
        args=([run.run_id for run in runs],),
    )


def undo_line() -> None:
    """What was deleted last, and the button that takes it back."""
    names = state.session().trashed
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo-delete"):
        what = "One run is" if len(names) == 1 else f"{len(names)} runs are"
        st.caption(f"{what} in the trash.", width="content")
        st.button("Undo", key="undo-button", icon=":material/undo:", on_click=_restore, args=(names,))


def empty_button(count: int) -> None:
    """Empties the trash, after asking."""
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
        services.storage().runs.empty_trash()
    except ExplainError as error:
        state.session().problem = str(error)
    else:
        state.session().trashed = ()


def _delete(names: Sequence[str]) -> None:
    here = state.session()
    if _write(names, Change(trash=True)):
        here.trashed, here.selected = tuple(names), ()


def _restore(names: Sequence[str]) -> None:
    here = state.session()
    if _write(names, Change(trash=False)):
        here.trashed = ()
    elif here.problem is None:
        here.trashed, here.problem = (), "Somebody has emptied the trash since; these runs are gone."


def _write(names: Sequence[str], change: Change) -> bool:
    """Whether one of the runs was there to be changed."""
    try:
        return services.storage().runs.write(names, change) > 0
    except ExplainError as error:
        state.session().problem = str(error)
        return False
