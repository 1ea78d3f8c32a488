"""History: every past run, found, sorted and paged in SQL; opened, compared, annotated and taken away."""

import streamlit as st

from cache import Filter, StoreError
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import literal
from dashboard.language import _, counted, sentence
from dashboard.session import keys, state
from dashboard.storage.data_folder import count_a_few
from dashboard.ui.banners import open_services
from dashboard.ui.damage_banner import damage_banner
from dashboard.ui.history.actions import action_bar, asked_sentence, evicted_sentence
from dashboard.ui.history.audit_panel import audit_panel
from dashboard.ui.history.filters import active, clear, filter_bar
from dashboard.ui.history.import_button import import_button
from dashboard.ui.history.storage_panel import storage_panel
from dashboard.ui.history.table import PAGE_SIZE, run_table
from dashboard.ui.history.trash import empty_button, undo_line
from dashboard.ui.widgets import number_in_address


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-head"):
        st.header(_("History"), anchor=False, width="stretch")
        storage_open = st.toggle(_("Storage"), key=keys.HistoryKey.STORAGE, bind="query-params")
        import_button()
    session = state.session()
    if session.problem:
        st.error(literal(sentence(session.problem)))  # it may quote what stood in an imported file
        session.problem = None
    notice = state.take_notice()
    if notice:
        st.success(notice)
    damaged = damage_banner()
    try:
        if left := count_a_few(resources.storage()):
            st.caption(
                _(
                    "The sizes of {count:,} runs are being counted. Until then they may be listed as evicted.",
                    count=left,
                )
            )
        if storage_open:
            storage_panel()
            audit_panel()
        _list(damaged)
    except StoreError as error:
        st.error(sentence(str(error)))


def _list(damaged: bool) -> None:
    history = resources.storage().runs
    choices = history.overview.choices(identity.viewer())
    where, order = filter_bar(choices)
    undo_line()
    number = _asked_page()
    found = history.find(where, order, PAGE_SIZE, PAGE_SIZE * (number - 1))
    if PAGE_SIZE * (number - 1) >= found.total > 0:  # a filter has left fewer pages
        st.session_state[keys.HistoryKey.PAGE] = 1
        found = history.find(where, order, PAGE_SIZE)
    if not found.total:
        _nothing(where, damaged)
        return
    actions = st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="history-actions")
    chosen = run_table(found.runs)
    with actions:
        action_bar(chosen, choices.tags)
        for said in (evicted_sentence(chosen), asked_sentence(chosen)):
            if said:
                st.caption(said)
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-foot"):
        _page_number(found.total, where.trash)
        if where.trash:
            empty_button()


def _nothing(where: Filter, damaged: bool) -> None:
    if where == Filter(viewer=where.viewer) and damaged:
        st.info(_("There are no runs to show. What has become of earlier ones is said above."))
        return
    if where == Filter(viewer=where.viewer):
        st.info(_("There are no runs yet. Ask something under Compute; every run is listed here afterwards."))
        st.page_link(
            "app_pages/compute.py", label=_("Ask about a picture or video"), icon=":material/center_focus_strong:"
        )
        return
    if where == Filter(trash=True, viewer=where.viewer):
        st.info(_("The trash is empty."))
    elif where.search.strip() and not active():
        st.info(_("No prompt, answer, note or title holds all of these words. Use fewer or shorter ones."))
    else:
        st.info(_("No run fulfils all of these filters. Take some away."))
    st.button(_("Show all runs"), key="show-all", on_click=clear)


def _asked_page() -> int:
    # The widget, which comes below the table that it turns, takes its value from the address only then.
    asked = st.session_state.get(keys.HistoryKey.PAGE) or st.query_params.get(keys.HistoryKey.PAGE, "1")
    return int(asked) if str(asked).isascii() and str(asked).isdigit() and 0 < int(asked) < 10**9 else 1


def _page_number(total: int, in_trash: bool) -> None:
    pages = -(-total // PAGE_SIZE)
    if pages > 1:
        number_in_address(_("Page"), 1, pages, keys.HistoryKey.PAGE, width=140)
        counts = {"pages": pages, "total": total, "size": PAGE_SIZE}
        if in_trash:
            st.caption(_("of {pages:,}: {total:,} runs, {size} a page in the trash", **counts))
        else:
            st.caption(_("of {pages:,}: {total:,} runs, {size} a page", **counts))
    elif in_trash:
        st.caption(counted("One run in the trash", "{count} runs in the trash", total))
    else:
        st.caption(counted("One run", "{count} runs", total))


page()
