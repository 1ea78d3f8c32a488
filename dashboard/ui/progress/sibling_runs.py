"""The runs that were asked at once, one a picture, a model or an answer: how far each is, and a button to show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cache import RunRecord
from core import ExplainError
from core.rendering.overlay import fit
from dashboard.charts.base import RUN_COLOURS
from dashboard.formatting import drawn_words, literal, short, visible
from dashboard.jobs.job import Job
from dashboard.jobs.pictures import MOST_AT_ONCE
from dashboard.language import _, counted, listed
from dashboard.loaded_run import LoadedRun
from dashboard.services import access, submit, waiting
from dashboard.services.open import findings, open_run
from dashboard.session import address, clicks, keys, state
from dashboard.ui.progress.progress import progress_words
from dashboard.ui.run_rows import IMPORTED_MARK, sound_thumbnail

TILE = 96
"""Longer side, in pixels, of a picture in the strip."""


@dataclass(frozen=True, eq=False)
class SiblingRun:
    """One of several runs.

    Attributes:
        name: the run's name in addresses.
        title: its picture's name.
        model: its model's name.
        picture: the overlay's thumbnail, or the picture while there is none; b"" where the thumbnail is damaged.
        words: how far it is.
        answer: what the model said, once that is known, where it was drawn by chance; else "".
        seed: by which the answer was drawn; None where it was not.
        active: whether it waits or is being computed.
    """

    name: str
    title: str
    model: str
    picture: np.ndarray | bytes
    words: str
    active: bool
    answer: str = ""
    seed: int | None = None


def sibling_runs_panel(shown: str) -> None:
    """The strip above a run that was asked together with others; nothing for a run that was not."""
    session = state.session()
    names = address.runs_in_address(MOST_AT_ONCE) or list(session.siblings)
    if shown not in names or len(names) < 2:
        session.siblings = ()
        address.name_runs(())
        return
    session.siblings = tuple(names)
    address.name_runs(names)
    jobs = map(waiting.run_job, names)
    active = any(job is not None and job.is_active for job in jobs)
    if not active and session.comparing == tuple(names):
        _compare(names)
    st.fragment(_strip, run_every=1.0 if active else None)(names, shown, active)


def _compare(names: list[str]) -> None:
    """Runs of two models come into Compare when both are done, where their words are explained, too."""
    state.session().comparing = ()
    try:
        runs = [open_run(name) for name in names]
        if not all(isinstance(run, LoadedRun) for run in runs):
            return  # one was stopped, or failed: the strip says so
        for run in runs:
            if findings(run, "words") is None:
                submit.begin_study(run, "words")
    except ExplainError:
        pass  # Compare says what of it is not there
    shown = {keys.RUNS: ",".join(names), keys.CompareKey.TAB: "A against B"}
    st.switch_page("app_pages/compare.py", query_params=shown)


def _strip(names: list[str], shown: str, was_active: bool) -> None:
    runs = [each for each in map(_look, names) if each is not None]
    active = [each.name for each in runs if each.active]
    if was_active and not active:
        st.rerun()  # the whole page: nothing is left to look at once a second
    with st.container(border=True, key="siblings", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_heading(runs, len(runs) - len(active)), width="content")
            if active:
                st.button(_("Stop all"), key="stop-all", icon=":material/stop_circle:", on_click=_stop, args=(active,))
            st.page_link(
                "app_pages/compare.py",
                label=_("Compare them"),
                icon=":material/stacked_line_chart:",
                query_params={keys.RUNS: ",".join(names[: len(RUN_COLOURS)])},
            )
        with st.container(horizontal=True, gap="small"):
            for each in runs:
                _tile(each, each.name == shown, _title(each, runs))


def _of_models(runs: list[SiblingRun]) -> bool:
    return len({each.model for each in runs}) > 1


def _of_answers(runs: list[SiblingRun]) -> bool:
    """Whether they are answers to one question about one picture."""
    return len({each.title for each in runs}) == 1 and None not in {each.seed for each in runs}


def _title(run: SiblingRun, runs: list[SiblingRun]) -> str:
    """What tells it from the others."""
    if _of_models(runs):
        return run.model
    if _of_answers(runs):
        return run.answer or _("seed {seed}", seed=run.seed)
    return run.title


def _heading(runs: list[SiblingRun], done: int) -> str:
    if _of_models(runs):
        return counted(
            "Asked at once: {count} model, {done} done.",
            "Asked at once: {count} models, {done} done.",
            len(runs),
            done=done,
        )
    if _of_answers(runs):
        return counted(
            "Asked at once: {count} answer, {done} done.",
            "Asked at once: {count} answers, {done} done.",
            len(runs),
            done=done,
        )
    return counted(
        "Asked at once: {count} picture, {done} done.",
        "Asked at once: {count} pictures, {done} done.",
        len(runs),
        done=done,
    )


def _tile(run: SiblingRun, shown: bool, title: str) -> None:
    with st.container(width=TILE + 48, gap=None, key=f"sibling-{run.name}"):
        if len(run.picture):
            st.image(run.picture, width=TILE, alt=_("{title}: {words}", title=visible(title), words=run.words))
        if clicks.button(
            literal(short(title, 14)) or _("picture"),
            key=f"show-{run.name}",
            type="primary" if shown else "secondary",
            width="stretch",
            help=literal(short(run.answer, 300)) or (_("On display now") if shown else _("Show this run")),
        ):
            address.show_run(run.name)
            st.rerun()  # the whole page, not this strip alone
        st.caption(run.words)


def _look(name: str) -> SiblingRun | None:
    job = waiting.run_job(name)
    if job is None or job.state == "done":
        record = access.find_record(name)
        if record is not None:
            seed = _seed(record.request)
            return SiblingRun(
                name,
                record.picture_name,
                record.model_name,
                sound_thumbnail(record),
                _done(record),
                active=False,
                answer="" if seed is None else record.answer,
                seed=seed,
            )
    if job is None:
        return None
    chosen = job.question.chosen  # under way, ended early, or done and not kept
    return SiblingRun(
        name,
        chosen.name,
        job.question.card.name,
        fit(chosen.preview, TILE),
        _words(job),
        job.is_active,
        seed=_seed(job.question.request.to_dict()),
    )


def _seed(request: Mapping[str, Any]) -> int | None:
    return request.get("answer_seed", 0) if drawn_words(request) else None


def _done(record: RunRecord) -> str:
    return listed([_("done"), _(IMPORTED_MARK)]) if record.origin else _("done")


def _words(job: Job) -> str:
    if job.is_active:
        return progress_words(job)
    if job.state == "done":
        return _("done")
    return _("failed") if job.problem else _("stopped")


@clicks.whole
def _stop(names: list[str]) -> None:
    for name in names:
        waiting.cancel(name)
