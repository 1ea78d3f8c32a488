"""Taking in runs that another server exported."""

import streamlit as st

from core import InputError
from dashboard import resources
from dashboard.auth import identity
from dashboard.export.bundle_reader import Imported
from dashboard.export.import_job import ImportJob
from dashboard.language import _, counted
from dashboard.session import clicks, state, uploaded
from dashboard.ui.upload_refusals import upload_refusal

_AT_ONCE = 1.0
"""Seconds after which an import is shown with its progress."""


def import_button() -> None:
    """The button, and behind it the field that takes a ZIP."""
    most = resources.settings().max_upload_mb
    with st.popover(_("Import"), icon=":material/upload_file:", key="import", width="content"):
        st.caption(
            _(
                "A ZIP that Export made here or on another server. Everything in it is checked; runs that are here "
                "already stay as they are, and new ones are marked as imported for ever, answer nobody's question, "
                "and can be seen by everybody here."
            )
        )
        key = f"import-{state.session().imports}"
        st.file_uploader(_("Exported runs"), type="zip", max_upload_size=most, key=key)
        upload_refusal()
        st.button(_("Import the runs"), key="import-runs", type="primary", on_click=_import, args=(key, most))
    if state.session().importing is not None:
        st.fragment(_under_way, run_every=0.5)()


def _under_way() -> None:
    job = state.session().importing
    if job is None or _taken_over():
        st.rerun()  # the whole page: there are other runs now, or something to say
    st.progress(job.progress, _("Checking and importing the runs"), width=280)


@clicks.whole
def _import(key: str, most_mb: int) -> None:
    session, files = state.session(), uploaded.arrived(st.session_state.get(key))
    if not files:
        session.problem = _("Choose a ZIP file first.")
        return
    if session.importing is not None:
        session.problem = _("An import is still under way. Wait until it is done.")
        return
    (file,) = files
    with state.noting_problem():
        # Streamlit checks the size of what its own page sends; anybody can send more.
        if file.size > most_mb * 2**20:
            raise InputError(
                _(
                    "The file has {size:.0f} MB; at most {most} MB can be uploaded here.",
                    size=file.size / 2**20,
                    most=most_mb,
                )
            )
        session.importing = ImportJob(file.getvalue(), resources.storage(), identity.person().name)
        session.importing.wait(_AT_ONCE)
        _taken_over()
    uploaded.let_go(files)
    session.imports += 1  # a fresh widget: the old one would still name the file


def _taken_over() -> bool:
    """Whether the import has ended; what came of it is said when the page is drawn."""
    session = state.session()
    if not session.importing.wait():
        return False
    job, session.importing = session.importing, None
    with state.noting_problem():
        session.notice = _words(job.outcome())
    return True


def _words(done: Imported) -> str:
    added, known = len(done.added), len(done.known)
    words = counted("{count} run imported.", "{count} runs imported.", added)
    if not known:
        return words
    others = counted(
        "{count} was here already, and nothing of it was changed.",
        "{count} were here already, and nothing of them was changed.",
        known,
    )
    return _("{imported} {others}", imported=words, others=others)
