"""History: every past run, searched and paged in SQL; open one, compare several."""

import streamlit as st

from cache import Run, StoreError
from core import ExplainRequest
from dashboard import listing, services, state
from dashboard.banners import open_services
from dashboard.studies import whole_run

PAGE_SIZE = 25


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header("History", anchor=False)
    search = st.text_input(
        "Search prompts and answers",
        key=state.Listing.SEARCH,
        bind="query-params",
        icon=":material/search:",
        placeholder="Any words, any language: red circle, 左上角",
    )
    try:
        _table(search)
    except StoreError as error:
        st.error(str(error))


def _table(search: str | None) -> None:
    runs = services.storage().runs
    total = runs.count(search)
    if not total:
        if search:
            st.info("No prompt and no answer holds all of these words. Use fewer or shorter ones.")
        else:
            st.info("There are no runs yet. Ask something under Compute; every run is listed here afterwards.")
            st.page_link("screens/compute.py", label="Ask about a picture", icon=":material/center_focus_strong:")
        return
    pages = -(-total // PAGE_SIZE)
    number = _page_number(pages, total)
    shown = runs.recent(PAGE_SIZE, PAGE_SIZE * (number - 1), search)
    actions = st.container(horizontal=True, vertical_alignment="center", key="history-actions")
    event = st.dataframe(
        listing.columns(shown),
        key=f"{state.Listing.TABLE}-{number}-{search}",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        row_height=56,
        height="content" if len(shown) < 12 else 720,
        column_config=listing.column_config(),
        alt="Past runs, latest first",
    )
    chosen = [shown[row] for row in event["selection"]["rows"] if row < len(shown)]
    with actions:
        _actions(chosen)


def _page_number(pages: int, total: int) -> int:
    if pages == 1:
        st.caption(f"{total} runs, latest first" if total > 1 else "One run")
        return 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get(state.Listing.PAGE, 1) > pages:
            st.session_state[state.Listing.PAGE] = 1  # a search has left fewer pages
        number = st.number_input("Page", 1, pages, key=state.Listing.PAGE, width=140)
        st.caption(f"of {pages}: {total:,} runs, latest first, {PAGE_SIZE} a page")
    return int(number)


def _actions(chosen: list[Run]) -> None:
    if not chosen:
        st.caption("Select one run to open it, or several to compare them (boxes at the left of the rows).")
        return
    if len(chosen) == 1 and st.button("Open", type="primary", key="open-run", icon=":material/open_in_new:"):
        st.switch_page("screens/compute.py", query_params={state.RUN: chosen[0].run_id})
    if st.button("Compare", key="compare-runs", icon=":material/stacked_line_chart:"):
        names = ",".join(run.run_id for run in chosen)
        st.switch_page("screens/compare.py", query_params={state.RUNS: names})
    lost = [
        run
        for run in chosen
        if services.storage().results.get_all(whole_run(ExplainRequest.from_dict(run.request))) is None
    ]
    if lost:
        st.caption(
            f"The heat of {len(lost)} selected run{'s is' if len(lost) > 1 else ' is'} no longer stored. "
            "Open it and press Run to compute it again."
        )


page()
