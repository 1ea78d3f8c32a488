"""Compare: how heat gathers and scatters with depth, for one or more runs, and map against map."""

import streamlit as st

from cache import RunRecord, StoreError
from dashboard import resources
from dashboard.auth import identity
from dashboard.charts.base import RUN_COLOURS
from dashboard.formatting import method_title, short
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import access
from dashboard.services.open import open_run
from dashboard.session import address, keys
from dashboard.ui import run_rows
from dashboard.ui.banners import open_services
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.tabs import explore

MOST_RUNS = len(RUN_COLOURS)
MOST_NAMED = 100  # of an address that names more, the rest is not even counted
OFFERED = 50


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header("Compare", anchor=False)
    try:
        names = _chosen()
        found = [(name, open_run(name)) for name in names]
    except StoreError as error:
        st.error(str(error))
        return
    runs = [each for _, run in found if isinstance(run, LoadedRun) for each in run.each_picture()]
    if len(runs) > MOST_RUNS:
        st.warning(f"These runs are about {len(runs)} pictures in all; the maps of the first {MOST_RUNS} are compared.")
        runs = runs[:MOST_RUNS]
    _complain([run for _, run in found if not isinstance(run, LoadedRun)])
    if not runs:
        st.info("Choose one or more runs above: search for words of their prompts or answers, then pick.")
        st.page_link("app_pages/history.py", label="Or select rows in History", icon=":material/history:")
        return
    _legend(runs)
    explore(lettered(runs))


def _chosen() -> list[str]:
    """Names of the runs to compare: from the address at first, from the list afterwards."""
    named = address.runs_in_address(MOST_NAMED)
    if len(named) > MOST_RUNS:
        st.warning(f"The address names {len(named)} runs; the first {MOST_RUNS} are compared.")
        named = named[:MOST_RUNS]
    history = resources.storage().runs
    search_at, list_at = st.columns([1, 2])
    search = search_at.text_input(
        "Search prompts and answers", key=f"compare-{keys.HistoryKey.SEARCH}", icon=":material/search:"
    )
    offered = {record.run_id: record for record in history.recent(OFFERED, search=search, viewer=identity.viewer())}
    known = {name: access.find_record(name) for name in named if name not in offered}
    records: dict[str, RunRecord] = offered | {name: record for name, record in known.items() if record is not None}
    unknown = [name for name in named if name not in records]
    if unknown:
        st.warning(
            f"{len(unknown)} of the runs named in the address {'is' if len(unknown) == 1 else 'are'} "
            "not known to this server. Check the link."
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
        "Runs",
        list(records),
        format_func=lambda name: run_rows.label(records[name]),
        max_selections=MOST_RUNS,
        key=keys.HistoryKey.PICKED,
        placeholder=f"Choose up to {MOST_RUNS} runs",
        help=f"The latest {OFFERED} that match the search.",
    )
    address.name_runs(picked)
    return picked


def _complain(missing: list[EvictedRun | None]) -> None:
    for run in missing:
        if run is None:
            continue
        st.warning(f"The heat or picture of run {run.record.run_id} is no longer stored: it cannot be compared.")
        st.page_link(
            "app_pages/compute.py",
            label="Compute it again",
            icon=":material/replay:",
            query_params={keys.RUN: run.record.run_id},
        )


def _legend(runs: list[LoadedRun]) -> None:
    st.dataframe(
        {
            "": [each.letter for each in lettered(runs)],
            "prompt": [short(run.result.request.prompt, 200) for run in runs],
            **({"picture": [short(run.chosen.name, 60) for run in runs]} if any(run.pictures for run in runs) else {}),
            "answer": [short(run.result.answer.text, 200) for run in runs],
            "method": [method_title(run.result.request.method) for run in runs],
            "samples": [run.result.num_samples for run in runs],
            "layers": [len(run.result.layers) for run in runs],
            "run": [run.id for run in runs],
        },
        key="compare-legend",
        height="content",
        hide_index=True,
        column_config={name: column for name, column in run_rows.column_config().items() if name != "prompt"}
        | {
            "": st.column_config.TextColumn(width=40),
            "prompt": st.column_config.TextColumn("Prompt", width=300),
        },
        alt="The runs that are compared",
    )


page()
