"""Home: what this is, a run to look at, what was run last, and how to begin."""

from collections.abc import Sequence

import streamlit as st

from cache import RunRecord, StoreError
from core.schema.request import IMPORTED
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import method_words, short, when
from dashboard.language import _, sentence
from dashboard.services import waiting
from dashboard.session import clicks, keys
from dashboard.ui.banners import EMBEDDED_LIMITS, FULL_MODELS, open_services
from dashboard.ui.cards import card
from dashboard.ui.damage_banner import damage_banner
from dashboard.ui.form.gallery import gallery
from dashboard.ui.home.sample_run import sample_panel
from dashboard.ui.progress.interrupted import interrupted_panel
from dashboard.ui.run_rows import sound_thumbnail

LATEST = 4


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header(_("Where does the answer come from?"), anchor=False)
    st.markdown(
        _(
            "Give a picture and a prompt, and a Qwen2.5-VL model answers. For every decoder layer, a map shows where "
            "in the picture that answer came from, and a chart shows how concentrated it is as depth grows. Nothing is "
            "computed twice: every run has an address that shows the same to whoever opens it."
        )
    )
    if clicks.button(
        _("Ask about a picture or video"), key="ask", type="primary", icon=":material/center_focus_strong:"
    ):
        st.switch_page("app_pages/compute.py")
    damaged = damage_banner()
    try:
        interrupted_panel(waiting.interrupted())
        sample = sample_panel()
        # But for the one that is shown already.
        latest = resources.storage().runs.recent(LATEST + 1, viewer=identity.viewer())
        runs = [run for run in latest if run.run_id != sample][:LATEST]
        if sample is None:
            _scenes(is_first=not runs and not damaged)
        if runs:
            _latest_runs(runs)
        elif damaged:
            st.info(_("There are no runs to show. What has become of earlier ones is said above."))
        st.caption(_server_words())
    except StoreError as error:
        st.error(sentence(str(error)))
    st.caption(_("{limits} {models}", limits=_(EMBEDDED_LIMITS), models=_(FULL_MODELS)))


def _scenes(is_first: bool) -> None:
    """The sample scenes; a click leads to Compute, which asks about one."""
    if is_first:
        st.markdown(_("Nobody has run anything here yet. Be the first:"))
    st.markdown(_("Click on a scene: the model answers, and the map shows where in the picture the answer comes from."))
    if gallery("home"):
        st.switch_page("app_pages/compute.py")


def _latest_runs(runs: Sequence[RunRecord]) -> None:
    st.subheader(_("Latest runs"), anchor=False)
    for column, run in zip(st.columns(LATEST), runs, strict=False):
        with column, card(f"latest-{run.run_id}"):
            _run(run)


def _run(run: RunRecord) -> None:
    if picture := sound_thumbnail(run):
        st.image(picture, width=160, alt=_("Overlay of the combined map, or of the run's only one"))
    st.text(short(run.prompt, 80))
    st.text(f"→ {short(run.answer, 80) or _('(nothing)')}")
    if run.origin:
        st.badge(_("Imported"), icon=":material/move_to_inbox:", color="orange", help=sentence(IMPORTED))
    method = method_words(run.method, run.request.get("part", "decoder"))
    st.text(" · ".join(filter(None, (when(run.created), short(run.who, 40), method))))
    st.page_link(
        "app_pages/compute.py", label=_("Open"), icon=":material/open_in_new:", query_params={keys.RUN: run.run_id}
    )


def _server_words() -> str:
    """The server's numbers, in one line."""
    storage, offered = resources.storage(), len(resources.settings().choices)
    runs, used = storage.runs.count(viewer=identity.viewer()), storage.results.volume()
    rate, active = storage.results.lookups().rate, len(resources.jobs().active())
    words = (
        _("Runs in History: {count:,}", count=runs),
        _("stored results: {used:,.1f} MB of {most:g} GB", used=used / 2**20, most=storage.size_limit / 2**30),
        "" if rate is None else _("questions that were stored already: {rate:.0%}", rate=rate),
        _("jobs that run or wait: {count}", count=active),
        _("models offered: {count}", count=offered),
    )
    return " · ".join(filter(None, words))


page()
