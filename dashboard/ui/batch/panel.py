"""A batch on a page: how far each of its rows is, and what can be done with them."""

import time
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from cache.batches.batch import Batch
from core import ExplainError
from dashboard import resources
from dashboard.auth import identity
from dashboard.batch.feeder import Feeder, RowState, stored_states
from dashboard.batch.summary import Ending, summary_csv
from dashboard.charts.base import RUN_COLOURS
from dashboard.formatting import duration, literal, method_title, short
from dashboard.language import _, counted, listed, sentence
from dashboard.services.data_sets import data_set_of_rows
from dashboard.session import clicks, keys, state
from dashboard.ui.batch.row_states import WORDS, marks_column
from dashboard.ui.other_programs import other_programs
from dashboard.ui.progress.progress import progress_words

_RECHECK = 5.0


def batch_panel(batch: Batch) -> None:
    """The batch; looked at again and again until all of it is done."""
    request, count = batch.template, len(batch.rows)
    st.header(counted("Batch of {count:,} row", "Batch of {count:,} rows", count), anchor=False)
    samples = _("{count} samples", count=request.num_samples) if request.noise_std else _("no noise")
    who_sees = (
        _(
            "Private: the address of this page shows the batch to {who} and to administrators. Runs that are public "
            "already stay so.",
            who=literal(short(batch.who, 40)),
        )
        if batch.private
        else _("The address of this page shows the batch to everybody.")
    )
    method = _(method_title(request.method))
    st.caption(_("{method}, {samples}. {who_sees}", method=method, samples=samples, who_sees=who_sees))
    pace = _pace(batch, *_standing(batch))
    st.fragment(_panel, run_every=pace)(batch, pace)


def _standing(batch: Batch) -> tuple[Feeder | None, list[RowState]]:
    feeder = resources.feeders().get(batch.id)
    return feeder, feeder.look() if feeder is not None else _stored(batch)


def _pace(batch: Batch, feeder: Feeder | None, states: list[RowState]) -> float | None:
    """After how many seconds to look again: often while it is on its way, and never once all is done."""
    # A table of a thousand rows is sent anew at each look.
    slower = 1.0 if len(batch.rows) <= 200 else 3.0
    if feeder is not None and feeder.active:
        return slower
    # Somebody else may go on with it, here or on the command line.
    return None if all(each.state == "done" for each in states) else _RECHECK * slower


def _panel(batch: Batch, pace: float | None) -> None:
    feeder, states = _standing(batch)
    if pace != _pace(batch, feeder, states):
        st.rerun()
    active = feeder is not None and feeder.active
    counts = {name: sum(each.state == name for each in states) for name in WORDS}
    total, done, base = len(states), counts["done"], _base()
    st.progress(done / total, text=_progress_words(states, counts, active))
    with st.container(horizontal=True, vertical_alignment="center", key="batch-actions"):
        if active:
            st.button(
                _("Cancel all"), key="batch-cancel", icon=":material/stop_circle:", on_click=_stop, args=(batch.id,)
            )
        elif done < total:
            st.button(
                _("Compute the {count:,} that are missing", count=total - done),
                type="primary",
                key="batch-go-on",
                icon=":material/play_arrow:",
                on_click=_go_on,
                args=(batch,),
            )
        if done:
            st.download_button(
                _("Summary CSV"),
                lambda: summary(batch, states, base),
                f"batch-{batch.id}.csv",
                "text/csv",
                key="batch-summary",
                on_click="ignore",
                icon=":material/table:",
                help=_(
                    "A line for each row: answer, run, seconds, recommended layer, and how concentrated the heat is."
                ),
            )
            other_programs(partial(data_set, batch, states), f"batch-{batch.id}", "batch")
        if st.button(_("New batch"), key="batch-new", icon=":material/add:", on_click=_leave):
            st.rerun()  # the whole page, not this part alone
        links = st.container(horizontal=True, key="batch-links")
    session = state.session()
    if session.problem:
        st.error(literal(sentence(session.problem)))
        session.problem = None
    if feeder is not None and feeder.problem:
        st.error(literal(sentence(feeder.problem)))
    chosen = _table(batch, states)
    names = [batch.run_ids[number] for number in chosen if states[number].state == "done"]
    names = names or [name for name, each in zip(batch.run_ids, states, strict=True) if each.state == "done"]
    with links:
        _links(list(dict.fromkeys(names)), bool(chosen))


def summary(batch: Batch, states: list[RowState], base: str) -> bytes:
    """The batch as a table; see `dashboard.batch.summary.summary_csv`."""
    endings = [
        Ending(row, WORDS[each.state], each.problem, name if each.state == "done" else "", each.seconds)
        for row, each, name in zip(batch.rows, states, batch.run_ids, strict=True)
    ]
    requests = [request if each.run_id else None for each, request in zip(endings, batch.requests, strict=True)]
    return summary_csv(zip(endings, requests, strict=True), resources.storage().results, base)


def data_set(batch: Batch, states: list[RowState], program: str) -> bytes:
    """What is done of the batch, as a ZIP for one of `core.export.others.datasets.PROGRAMS`."""
    rows = zip(batch.rows, batch.requests, states, strict=True)
    return data_set_of_rows(((row.name, request) for row, request, each in rows if each.state == "done"), program)


def _links(names: list[str], chosen: bool) -> None:
    if len(names) == 1 or (chosen and names):
        st.page_link(
            "app_pages/compute.py",
            label=_("Open"),
            icon=":material/open_in_new:",
            query_params={keys.RUN: names[0]},
        )
    if len(names) > 1:
        most = len(RUN_COLOURS)
        if chosen:
            label = _("Compare these")
        else:
            label = _("Compare them") if len(names) <= most else _("Compare the first {count}", count=most)
        st.page_link(
            "app_pages/compare.py",
            label=label,
            icon=":material/stacked_line_chart:",
            query_params={keys.RUNS: ",".join(names[:most])},
        )


def _table(batch: Batch, states: list[RowState]) -> list[int]:
    """The rows; returns the selected ones."""
    config = st.column_config
    event = st.dataframe(
        {
            "row": [row.number for row in batch.rows],
            "picture": [short(row.name, 100) for row in batch.rows],
            "prompt": [short(row.prompt, 200) for row in batch.rows],
            "state": [WORDS[each.state] for each in states],
            "answer": [_said(name, each) for name, each in zip(batch.run_ids, states, strict=True)],
            "seconds": ["" if each.seconds is None else f"{each.seconds:.1f} s" for each in states],
            "run": [name if each.state == "done" else "" for name, each in zip(batch.run_ids, states, strict=True)],
        },
        key=f"batch-rows-{batch.id}",
        hide_index=True,
        height=min(560, 38 + 35 * len(states)),
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "row": config.NumberColumn(_("Row"), width=56),
            "picture": config.TextColumn(_("Picture"), width=160),
            "prompt": config.TextColumn(_("Prompt"), width=220),
            "state": marks_column(_("State")),
            "answer": config.TextColumn(_("Answer, or what is wrong"), width=320),
            "seconds": config.TextColumn(_("Time"), width=70, help=_("What the computation took")),
            "run": config.TextColumn(_("Run"), width=150, help=_("Its name in addresses")),
        },
        alt=_("The rows of the batch"),
    )
    return [number for number in event["selection"]["rows"] if number < len(states)]


def _said(name: str, row: RowState) -> str:
    if row.state == "running":
        job = resources.jobs().get(name)
        return progress_words(job) if job is not None and job.is_active else ""
    return short(sentence(row.problem) if row.problem else row.answer, 300)


def _progress_words(states: list[RowState], counts: dict[str, int], active: bool) -> str:
    parts = [_("{count:,} of {all:,} done", count=counts["done"], all=len(states))]
    names = ("running", "failed", "stopped")
    parts += [_("{count:,} {state}", count=counts[name], state=_(WORDS[name])) for name in names if counts[name]]
    took = [each.seconds for each in states if each.fresh and each.seconds is not None]
    if active and took:
        left = len(states) - counts["done"] - counts["failed"] - counts["stopped"]
        parts.append(_("about {time} left", time=duration(left * sum(took) / len(took))))
    return listed(parts)


def _stored(batch: Batch) -> list[RowState]:
    """As `stored_states`, looked up every few seconds at most: a page runs again at every click."""
    memo = st.session_state.get("batch-states")
    if memo is None or memo[0] != batch.id or time.monotonic() - memo[1] > _RECHECK:
        memo = st.session_state["batch-states"] = (
            batch.id,
            time.monotonic(),
            stored_states(batch, resources.storage()),
        )
    return memo[2]


def _base() -> str:
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rsplit('/', 1)[0]}" if parts.netloc else ""


@clicks.whole
def _leave() -> None:
    st.query_params.pop(keys.BATCH, None)
    state.session().batch.begun = ""


@clicks.whole
def _stop(name: str) -> None:
    feeder = resources.feeders().get(name)
    if feeder is not None:
        feeder.stop()


@clicks.whole
def _go_on(batch: Batch) -> None:
    try:
        resources.feeders().start(batch, identity.person().name)
    except ExplainError as error:
        state.session().problem = str(error)
