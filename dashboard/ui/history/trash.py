"""The trash of History: deleting, taking back, and emptying it once somebody has said that this is meant."""

from collections.abc import Sequence

import streamlit as st

from cache import RunRecord
from dashboard import resources
from dashboard.auth import identity, permissions
from dashboard.language import _, counted
from dashboard.session import clicks, state


def delete_button(records: Sequence[RunRecord]) -> None:
    """Puts the selected runs into the trash, or takes them out where they are in it."""
    if all(record.deleted is not None for record in records):
        st.button(_("Put back"), key="restore-runs", icon=":material/restore:", on_click=_restore, args=(records,))
        return
    own = permissions.may_change(records)
    st.button(
        _("Delete"),
        key="delete-runs",
        icon=":material/delete:",
        help=_("Into the trash, for everybody; it can be taken back")
        if own
        else _("Only whoever asked first, or an administrator, can delete a run"),
        disabled=not own,
        on_click=_delete,
        args=(records,),
    )


def undo_line() -> None:
    """What was deleted last, and the button that takes it back."""
    records = state.session().trashed
    if not records:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo-delete"):
        words = counted("One run is in the trash.", "{count} runs are in the trash.", len(records))
        st.caption(words, width="content")
        st.button(_("Undo"), key="undo-button", icon=":material/undo:", on_click=_restore, args=(records,))


def empty_button() -> None:
    """Empties the trash of what one may remove for good, after asking."""
    count = resources.storage().runs.trashed(identity.viewer(), permissions.trash_of())
    label = _("Empty the trash ({count:,})", count=count)
    if count and st.button(label, key="empty-trash", icon=":material/delete_forever:"):
        st.dialog(_("Empty the trash?"))(_confirm)(count)  # its title in the language of whoever asks


def _confirm(count: int) -> None:
    st.write(
        counted(
            "One run is removed from the history for good, for everybody, with their notes and tags. "
            "This cannot be taken back. Heat that is still stored stays until it is evicted.",
            "{count:,} runs are removed from the history for good, for everybody, with their notes and tags. "
            "This cannot be taken back. Heat that is still stored stays until it is evicted.",
            count,
        )
    )
    with st.container(horizontal=True):
        if st.button(_("Empty the trash"), type="primary", key="confirm-empty", on_click=_empty):
            st.rerun()
        if st.button(_("Keep them"), key="keep-trash"):
            st.rerun()


@clicks.whole
def _empty() -> None:
    with state.noting_problem():
        permissions.empty_trash()
        state.session().trashed = ()


@clicks.whole
def _delete(records: Sequence[RunRecord]) -> None:
    session = state.session()
    with state.noting_problem():
        if permissions.delete(records):
            session.trashed, session.selected = tuple(records), ()


@clicks.whole
def _restore(records: Sequence[RunRecord]) -> None:
    session = state.session()
    with state.noting_problem():
        if not permissions.restore(records):
            session.problem = _("Somebody has emptied the trash since; these runs are gone.")
        session.trashed = ()
