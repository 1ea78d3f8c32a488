"""What can be done with the runs that are selected in History: a row of buttons above the table."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from cache import RunRecord
from core import ExplainError, ExplainRequest, InputError
from dashboard import resources
from dashboard.auth import identity as people
from dashboard.auth.privacy import privacy_button
from dashboard.charts import base as charts
from dashboard.export.bundle import bundle
from dashboard.jobs.question import Question, question_of
from dashboard.loaded_run import LoadedRun
from dashboard.services import ask as asking
from dashboard.services import open
from dashboard.services.open import stored_pictures
from dashboard.session import clicks, keys, state
from dashboard.ui.form import draft as drafts
from dashboard.ui.form import uploads
from dashboard.ui.history.annotations import note_buttons
from dashboard.ui.history.differences import differences_button
from dashboard.ui.history.trash import delete_button

MOST_AT_ONCE = 12
"""Runs that one click computes again."""


def action_bar(runs: Sequence[RunRecord], tags: Sequence[str]) -> None:
    """The buttons.

    Args:
        runs: what is selected.
        tags: all tags that are in use.
    """
    if not runs:
        st.caption("Select one run to open it, or several to compare, tag or export them (boxes left of the rows).")
        return
    evicted = [run for run in runs if run.stored is None]
    if len(runs) == 1:
        if st.button("Open", type="primary", key="open-run", icon=":material/open_in_new:"):
            st.switch_page("app_pages/compute.py", query_params={keys.RUN: runs[0].run_id})
        if clicks.button(
            "Change and run",
            key="change-run",
            icon=":material/tune:",
            help="Compute, with everything of this run filled in and nothing started",
        ):
            _fill_form(runs[0])
    if evicted:
        _again_button(evicted)
    if st.button("Compare", key="compare-runs", icon=":material/stacked_line_chart:"):
        st.switch_page("app_pages/compare.py", query_params={keys.RUNS: _names(runs)})
    differences_button(runs)
    note_buttons(runs, tags)
    _share(runs)
    _export_button([run for run in runs if run not in evicted])
    privacy_button(runs)
    delete_button(runs)


def evicted_sentence(runs: Sequence[RunRecord]) -> str:
    """What selected runs lack, in a sentence; "" where they lack nothing."""
    count = sum(run.stored is None for run in runs)
    if not count:
        return ""
    which = "this run" if len(runs) == 1 else f"{count} of the {len(runs)} selected runs"
    return f"The heat of {which} is no longer stored (evicted). “Compute again” gives the same values."


def _names(runs: Sequence[RunRecord]) -> str:
    return ",".join(run.run_id for run in runs[: len(charts.RUN_COLOURS)])


def _again_button(evicted: Sequence[RunRecord]) -> None:
    label = "Compute again" if len(evicted) == 1 else f"Compute {len(evicted[:MOST_AT_ONCE])} again"
    if not clicks.button(
        label,
        type="primary",
        key="again-runs",
        icon=":material/replay:",
        help="Asks the same once more: same picture, model, noise and seed, hence the same values",
    ):
        return
    try:
        again = evicted[:MOST_AT_ONCE]
        # Asked privately if one of them is; what is public stays so whatever is said here.
        asking.ask(*[_question(run) for run in again], private=any(run.private_to for run in again))
    except ExplainError as error:
        st.error(str(error))
        return
    here = state.session()
    several = {keys.RUNS: ",".join(here.siblings)} if len(here.siblings) > 1 else {}
    here.filled_from = None
    st.switch_page("app_pages/compute.py", query_params={keys.RUN: here.run_id, **several})


def _question(run: RunRecord) -> Question:
    """The very question of a past run.

    Raises:
        ExplainError: its picture is gone, its model is not offered, or its request cannot be read; a sentence.
    """
    request = _request(run)
    return question_of(request, stored_pictures(request, run.names), resources.card_of(request))


def _request(run: RunRecord) -> ExplainRequest:
    try:
        return ExplainRequest.from_dict(run.request)
    except (KeyError, TypeError, ValueError):
        raise InputError("This run was asked by another version, whose settings this one cannot read.") from None


def _fill_form(run: RunRecord) -> None:
    here = state.session()
    try:
        request = _request(run)
        model = resources.catalogue().find(request.model)
        card = resources.catalogue().describe(model) if model else None
    except ExplainError as error:
        st.error(str(error))
        return
    drafts.fill_form(request, model, card)
    gone = ""
    try:
        uploads.take_pictures(stored_pictures(request, run.names))
    except InputError:
        count = len(run.names)
        gone = "Its picture is" if count == 1 else f"Some of its {count} pictures are"
        gone = f" {gone} no longer stored: upload {'it' if count == 1 else 'them'} again."
    here.run_id, here.filled_from, here.siblings = None, None, ()
    here.notice = f"Everything of that run is filled in on the left. Change what you like, then press Run.{gone}"
    # Without parameters of its own, a switch fails where a filter stands in the address.
    st.switch_page("app_pages/compute.py", query_params={})


def _export_button(stored: Sequence[RunRecord]) -> None:
    st.download_button(
        "Export",
        # Made elsewhere than on the page's own thread, where nobody is known to look.
        partial(_export, [run.run_id for run in stored], people.viewer()),
        f"runs-{len(stored)}.zip" if len(stored) != 1 else f"{stored[0].run_id}.zip",
        "application/zip",
        key="export-runs",
        on_click="ignore",
        icon=":material/folder_zip:",
        disabled=not stored,
        help="A ZIP with numbers (NPZ), overlay (PNG), JSON, picture, notes and the command of each run whose heat is "
        "stored. Another server imports it.",
    )


def _export(names: Sequence[str], viewer: str) -> bytes:
    found = (open.open_run(name, viewer) for name in names)
    return bundle([run for run in found if isinstance(run, LoadedRun)])


def _share(runs: Sequence[RunRecord]) -> None:
    with st.popover("Share", icon=":material/share:", key="share-runs", width="content"):
        if len(runs) == 1:
            st.caption("Address of this run")
            st.code(page_address("compute", {keys.RUN: runs[0].run_id}), language=None, wrap_lines=True)
        else:
            st.caption("Address that compares these runs")
            st.code(page_address("compare", {keys.RUNS: _names(runs)}), language=None, wrap_lines=True)
            st.caption("Addresses of each")
            each = [page_address("compute", {keys.RUN: run.run_id}) for run in runs]
            st.code("\n".join(each), language=None, wrap_lines=True)


def page_address(page: str, parameters: dict[str, str]) -> str:
    """The address of another page of this dashboard."""
    base = (st.context.url or "").split("?")[0].rsplit("/", 1)[0]
    return f"{base}/{page}?{urlencode(parameters, safe=',')}"
