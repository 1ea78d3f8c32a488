"""Taking in runs that another server exported."""

import streamlit as st

from core import InputError
from dashboard import resources
from dashboard.auth import identity
from dashboard.export.bundle_reader import TAG, Imported, keep_bundle, read_bundle
from dashboard.session import state


def import_button() -> None:
    """The button, and behind it the field that takes a ZIP."""
    most = resources.settings().max_upload_mb
    with st.popover("Import", icon=":material/upload_file:", key="import", width="content"):
        st.caption(
            "A ZIP that Export made here or on another server. Everything in it is checked; runs that are here "
            f"already stay as they are, and new ones are tagged “{TAG}” and can be seen by everybody here."
        )
        key = f"import-{state.session().imports}"
        st.file_uploader("Exported runs", type="zip", max_upload_size=most, key=key)
        st.button("Import the runs", key="import-runs", type="primary", on_click=_import, args=(key, most))


def _import(key: str, most_mb: int) -> None:
    session, file = state.session(), st.session_state.get(key)
    if file is None:
        session.problem = "Choose a ZIP file first."
        return
    with state.noting_problem():
        # Streamlit checks the size of what its own page sends; anybody can send more.
        if file.size > most_mb * 2**20:
            raise InputError(f"The file has {file.size / 2**20:.0f} MB; at most {most_mb} MB can be uploaded here.")
        person = identity.person().name
        session.notice = _words(keep_bundle(read_bundle(file.getvalue()), resources.storage(), person))
    session.imports += 1  # a fresh widget: the old one would still hold the file


def _words(done: Imported) -> str:
    added, known = len(done.added), len(done.known)
    words = f"{added} run{'' if added == 1 else 's'} imported."
    if not known:
        return words
    return f"{words} {known} {'was' if known == 1 else 'were'} here already, and nothing of {_them(known)} was changed."


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
