"""Home: what this is, what was run last, and how to begin."""

import streamlit as st

from cache import StoreError
from dashboard import formatting, resources
from dashboard.auth import identity
from dashboard.services import waiting
from dashboard.session import keys
from dashboard.ui.banners import EMBEDDED_SENTENCE, open_services
from dashboard.ui.progress.interrupted import interrupted_panel
from dashboard.ui.run_rows import sound_thumbnail

LATEST = 4


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header("Where does the answer come from?", anchor=False)
    st.markdown(
        "Give a picture and a prompt, and a Qwen2.5-VL model answers. "
        "For every decoder layer, a map shows where in the picture that answer came from, and a chart shows "
        "how concentrated it is as depth grows. "
        "Nothing is computed twice: every run has an address that shows the same to whoever opens it."
    )
    st.page_link("app_pages/compute.py", label="**Ask about a picture**", icon=":material/center_focus_strong:")
    try:
        interrupted_panel(waiting.interrupted())
        _latest_runs()
        _store_status()
    except StoreError as error:
        st.error(str(error))
    st.caption(EMBEDDED_SENTENCE)


def _latest_runs() -> None:
    st.subheader("Latest runs", anchor=False)
    runs = resources.storage().runs.recent(LATEST, viewer=identity.viewer())
    if not runs:
        st.info("Nobody has run anything here yet. Begin with a sample scene under Compute.")
        return
    for column, run in zip(st.columns(LATEST), runs, strict=False):
        with column.container(border=True, key=f"latest-{run.run_id}"):
            if picture := sound_thumbnail(run):
                st.image(picture, width=160, alt="Overlay of the combined map, or of the run's only one")
            st.text(formatting.short(run.prompt, 80))
            st.text(f"→ {formatting.short(run.answer, 80) or '(nothing)'}")
            st.page_link(
                "app_pages/compute.py",
                label="Open",
                icon=":material/open_in_new:",
                query_params={keys.RUN: run.run_id},
            )


def _store_status() -> None:
    storage = resources.storage()
    st.subheader("This server", anchor=False)
    rate = storage.results.lookups().rate
    runs, used = storage.runs.count(viewer=identity.viewer()), storage.results.volume()
    active = len(resources.jobs().active())
    for column, (name, value, text) in zip(
        st.columns(4),
        (
            (
                "Runs in History",
                f"{runs:,}",
                "Rows stay when their heat is dropped; it can be computed again.",
            ),
            (
                "Results stored",
                f"{used / 2**20:,.1f} MB",
                f"Of {storage.size_limit / 2**30:g} GB; beyond it, the longest stored ones are dropped."
                + ("" if rate is None else f" {rate:.0%} of the questions so far were stored already."),
            ),
            ("Running or waiting", f"{active}", "Jobs in the queue now."),
            ("Models offered", f"{len(resources.settings().choices)}", ", ".join(resources.settings().choices)),
        ),
        strict=True,
    ):
        column.metric(name, value, help=text, border=True)


page()
