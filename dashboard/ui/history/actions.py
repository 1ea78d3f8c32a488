"""What can be done with the runs that are selected in History: a row of buttons above the table."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from cache import RunRecord
from core import ExplainError, ExplainRequest, InputError
from dashboard import resources
from dashboard.auth import identity
from dashboard.auth.privacy import privacy_button
from dashboard.charts.base import RUN_COLOURS
from dashboard.export.bundle import bundle
from dashboard.formatting import literal
from dashboard.jobs.question import Question, question_of
from dashboard.language import ENGLISH, _, counted, language, sentence, speaking
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask
from dashboard.services.interventions import count_asked, intervention_files
from dashboard.services.open import open_run, stored_pictures
from dashboard.session import clicks, keys, state
from dashboard.ui.form import draft, uploads
from dashboard.ui.history.annotations import annotation_buttons
from dashboard.ui.history.differences import differences_button
from dashboard.ui.history.trash import delete_button
from dashboard.ui.widgets import file_download

MOST_AT_ONCE = 12
"""Runs that one click computes again."""


def action_bar(records: Sequence[RunRecord], tags: Sequence[str]) -> None:
    """The buttons.

    Args:
        records: what is selected.
        tags: all tags that are in use.
    """
    if not records:
        st.caption(_("Select one run to open it, or several to compare, tag or export them (boxes left of the rows)."))
        return
    evicted = [record for record in records if record.stored is None]
    if len(records) == 1:
        if st.button(_("Open"), type="primary", key="open-run", icon=":material/open_in_new:"):
            st.switch_page("app_pages/compute.py", query_params={keys.RUN: records[0].run_id})
        if clicks.button(
            _("Change and run"),
            key="change-run",
            icon=":material/tune:",
            help=_("Compute, with everything of this run filled in and nothing started"),
        ):
            _fill_form(records[0])
    if evicted:
        _again_button(evicted)
    if st.button(_("Compare"), key="compare-runs", icon=":material/stacked_line_chart:"):
        st.switch_page("app_pages/compare.py", query_params={keys.RUNS: _names(records)})
    differences_button(records)
    annotation_buttons(records, tags)
    _share(records)
    _export_button([record for record in records if record not in evicted])
    privacy_button(records)
    delete_button(records)


def evicted_sentence(records: Sequence[RunRecord]) -> str:
    """What selected runs lack, in a sentence; "" where they lack nothing."""
    count = sum(record.stored is None for record in records)
    if not count:
        return ""
    if any(record.stored is None and record.origin for record in records):
        if len(records) == 1:
            return _(
                "The heat of this run is no longer stored (evicted). “Compute again” gives the same values; what was "
                "imported is computed here as a run of its own, and may come to others."
            )
        return _(
            "The heat of {count} of the {all} selected runs is no longer stored (evicted). “Compute again” gives the "
            "same values; what was imported is computed here as a run of its own, and may come to others.",
            count=count,
            all=len(records),
        )
    if len(records) == 1:
        return _("The heat of this run is no longer stored (evicted). “Compute again” gives the same values.")
    return _(
        "The heat of {count} of the {all} selected runs is no longer stored (evicted). “Compute again” gives the same "
        "values.",
        count=count,
        all=len(records),
    )


def asked_sentence(records: Sequence[RunRecord]) -> str:
    """How many what-ifs were asked of a single selected run, in a sentence; "" where none were."""
    count = count_asked(records[0]) if len(records) == 1 else 0
    return counted("{count} what-if was asked of it.", "{count} what-ifs were asked of it.", count) if count else ""


def _names(records: Sequence[RunRecord]) -> str:
    return ",".join(record.run_id for record in records[: len(RUN_COLOURS)])


def _again_button(evicted: Sequence[RunRecord]) -> None:
    again = len(evicted[:MOST_AT_ONCE])
    label = _("Compute again") if len(evicted) == 1 else _("Compute {count} again", count=again)
    if not clicks.button(
        label,
        type="primary",
        key="again-runs",
        icon=":material/replay:",
        help=_("Asks the same once more: same picture, model, noise and seed, hence the same values"),
    ):
        return
    try:
        again = evicted[:MOST_AT_ONCE]
        # Asked privately if one of them is; what is public stays so whatever is said here.
        ask(*[_question(record) for record in again], private=any(record.private_to for record in again))
    except ExplainError as error:
        st.error(literal(sentence(str(error))))
        return
    session = state.session()
    several = {keys.RUNS: ",".join(session.siblings)} if len(session.siblings) > 1 else {}
    session.filled_from = None
    st.switch_page("app_pages/compute.py", query_params={keys.RUN: session.run_id, **several})


def _question(record: RunRecord) -> Question:
    """The very question of a past run.

    Raises:
        ExplainError: its picture is gone, its model is not offered, or its request cannot be read; a sentence.
    """
    request = _request(record)
    return question_of(request, stored_pictures(request, record.names), resources.card_of(request))


def _request(record: RunRecord) -> ExplainRequest:
    try:
        return ExplainRequest.from_dict(record.request)
    except (KeyError, TypeError, ValueError):
        raise InputError(_("This run was asked by another version, whose settings this one cannot read.")) from None


def _fill_form(record: RunRecord) -> None:
    session = state.session()
    try:
        request, pictures = _request(record), ()
        with suppress(InputError):
            pictures = stored_pictures(request, record.names)
        draft.fill_form(request, pictures)
    except ExplainError as error:
        st.error(literal(sentence(str(error))))
        return
    notice = _("Everything of that run is filled in on the left. Change what you like, then press Run.")
    if pictures:
        uploads.take_pictures(pictures)
    else:
        notice = counted(
            "Everything of that run is filled in on the left. Change what you like, then press Run. Its picture is no "
            "longer stored: upload it again.",
            "Everything of that run is filled in on the left. Change what you like, then press Run. Some of its "
            "{count} pictures are no longer stored: upload them again.",
            len(record.names),
        )
    session.run_id, session.filled_from, session.siblings = None, None, ()
    session.notice = notice
    # Without parameters of its own, a switch fails where a filter stands in the address.
    st.switch_page("app_pages/compute.py", query_params={})


def _export_button(stored: Sequence[RunRecord]) -> None:
    file_download(
        _("Export"),
        # Made elsewhere than on the page's own thread, where nobody is known to look.
        partial(_export, [record.run_id for record in stored], identity.viewer(), language()),
        f"runs-{len(stored)}.zip" if len(stored) != 1 else f"{stored[0].run_id}.zip",
        "export-runs",
        _(
            "A ZIP with numbers (NPZ), overlay (PNG), JSON, picture, notes and the command of each run whose heat is "
            "stored. Another server imports it."
        ),
        disabled=not stored,
    )


def _export(names: Sequence[str], viewer: str, spoken: str = ENGLISH) -> bytes:
    found = (open_run(name, viewer) for name in names)
    with speaking(spoken):
        return bundle([run for run in found if isinstance(run, LoadedRun)], intervention_files)


def _share(records: Sequence[RunRecord]) -> None:
    with st.popover(_("Share"), icon=":material/share:", key="share-runs", width="content"):
        if len(records) == 1:
            st.caption(_("Address of this run"))
            st.code(page_address("compute", {keys.RUN: records[0].run_id}), language=None, wrap_lines=True)
        else:
            st.caption(_("Address that compares these runs"))
            st.code(page_address("compare", {keys.RUNS: _names(records)}), language=None, wrap_lines=True)
            st.caption(_("Addresses of each"))
            each = [page_address("compute", {keys.RUN: record.run_id}) for record in records]
            st.code("\n".join(each), language=None, wrap_lines=True)


def page_address(page: str, parameters: dict[str, str]) -> str:
    """The address of another page of this dashboard."""
    base = (st.context.url or "").split("?")[0].rsplit("/", 1)[0]
    return f"{base}/{page}?{urlencode(parameters, safe=',')}"
