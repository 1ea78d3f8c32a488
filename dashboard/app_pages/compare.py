"""Compare: how heat gathers and scatters with depth, for one or more runs, and map against map."""

import streamlit as st

from cache import RunRecord, StoreError
from dashboard import resources
from dashboard.auth import identity
from dashboard.charts.base import RUN_COLOURS
from dashboard.language import _, counted, sentence
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import access
from dashboard.services.open import open_run
from dashboard.session import address, keys
from dashboard.ui import run_rows
from dashboard.ui.banners import imported_banner, open_services
from dashboard.ui.compare.legend import legend
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.tabs import explore

MOST_RUNS = len(RUN_COLOURS)
MOST_NAMED = 100  # of an address that names more, the rest is not even counted
OFFERED = 50


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header(_("Compare"), anchor=False)
    try:
        names = _chosen()
        found = [(name, open_run(name)) for name in names]
    except StoreError as error:
        st.error(sentence(str(error)))
        return
    runs = [each for _name, run in found if isinstance(run, LoadedRun) for each in run.each_picture()]
    if len(runs) > MOST_RUNS:
        st.warning(
            _(
                "These runs are about {count} pictures in all; the maps of the first {most} are compared.",
                count=len(runs),
                most=MOST_RUNS,
            )
        )
        runs = runs[:MOST_RUNS]
    _complain([run for _name, run in found if not isinstance(run, LoadedRun)])
    if not runs:
        st.info(_("Choose one or more runs above: search for words of their prompts or answers, then pick."))
        st.page_link("app_pages/history.py", label=_("Or select rows in History"), icon=":material/history:")
        return
    compared = lettered(runs)
    imported_banner({each.letter: each.run.request.origin for each in compared})
    legend(compared)
    explore(compared)


def _chosen() -> list[str]:
    """Names of the runs to compare: from the address at first, from the list afterwards."""
    named = address.runs_in_address(MOST_NAMED)
    if len(named) > MOST_RUNS:
        st.warning(
            _("The address names {count} runs; the first {most} are compared.", count=len(named), most=MOST_RUNS)
        )
        named = named[:MOST_RUNS]
    history = resources.storage().runs
    search_at, list_at = st.columns([1, 2])
    search = search_at.text_input(
        _("Search prompts and answers"), key=f"compare-{keys.HistoryKey.SEARCH}", icon=":material/search:"
    )
    offered = {record.run_id: record for record in history.recent(OFFERED, search=search, viewer=identity.viewer())}
    known = {name: access.find_record(name) for name in named if name not in offered}
    records: dict[str, RunRecord] = offered | {name: record for name, record in known.items() if record is not None}
    unknown = [name for name in named if name not in records]
    if unknown:
        st.warning(
            counted(
                "{count} of the runs named in the address is not known to this server. Check the link.",
                "{count} of the runs named in the address are not known to this server. Check the link.",
                len(unknown),
            )
        )
    present = [name for name in named if name in records]
    if st.session_state.get(keys.HistoryKey.PICKED) is None:
        st.session_state[keys.HistoryKey.PICKED] = present
    else:
        # What was picked stays on offer, whatever is searched for now.
        for name in st.session_state[keys.HistoryKey.PICKED]:
            record = records.get(name) or access.find_record(name)
            if record is not None:
                records[name] = record
    picked = list_at.multiselect(
        _("Runs"),
        list(records),
        format_func=lambda name: run_rows.label(records[name]),
        max_selections=MOST_RUNS,
        key=keys.HistoryKey.PICKED,
        placeholder=_("Choose up to {most} runs", most=MOST_RUNS),
        help=_("The latest {count} that match the search.", count=OFFERED),
    )
    address.name_runs(picked)
    return picked


def _complain(missing: list[EvictedRun | None]) -> None:
    for run in missing:
        if run is None:
            continue
        st.warning(
            _("The heat or picture of run {run} is no longer stored: it cannot be compared.", run=run.record.run_id)
        )
        st.page_link(
            "app_pages/compute.py",
            label=_("Compute it again"),
            icon=":material/replay:",
            query_params={keys.RUN: run.record.run_id},
        )


page()
