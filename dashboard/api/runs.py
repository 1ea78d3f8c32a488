"""Runs: asked, looked at, cancelled, listed."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from cache import Filter, Order, StoreError, look_up
from core import ExplainError
from core.export.npz import describe
from core.memory.forecast import forecast
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.api.asking import question_of
from dashboard.api.body import Body
from dashboard.api.callers import Caller
from dashboard.api.described import (
    Cancelled,
    ModelList,
    RunList,
    RunState,
    job_of,
    links_of,
    model_of,
    seconds_of,
    summary_of,
)
from dashboard.api.options import Search
from dashboard.api.refusals import Refused
from dashboard.auth import identity
from dashboard.jobs.job import Job
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import submit
from dashboard.services.open import open_run, shown
from dashboard.services.waiting import cancel, interrupted, run_job
from dashboard.session import state

logger = logging.getLogger(__name__)

NO_RUN = "There is no run of that name here, or not one that you may see."


@dataclass(frozen=True)
class Call:
    """A request, read and checked.

    Attributes:
        caller: who asks.
        root: address of the API, as seen from the server's own.
        name: of the run that the address names; "" where it names none.
        query: what stands behind the address's question mark, where the operation takes something.
        body: what was sent, likewise.
    """

    caller: Caller
    root: str
    name: str = ""
    query: Any = None
    body: Body | None = None


def ask(call: Call) -> Response:
    """A question: 200 where its run is stored, 202 where it is queued now or was already."""
    question = question_of(call.body)
    found = submit.explain(question, call.body.options.private)
    notices = [*filter(None, [state.take_notice()])]
    if isinstance(found, LoadedRun):
        answer, status = _done(found.id, found, call.root, notices), 200
    else:
        answer, status = job_of(found, call.root, _expected(found), notices), 202
    return said(answer, status, {"Location": answer.links["self"]})


def look(call: Call) -> Response:
    """Where a run stands."""
    return said(state_of(call.name, call.root))


def stop(call: Call) -> Response:
    """A run that is no longer wanted."""
    job = run_job(call.name)
    if job is None:
        state_of(call.name, call.root)  # raises where there is no such run
        raise Refused(409, "The run is not being computed, so there is nothing to cancel.")
    if not job.is_active:
        raise Refused(409, "The run has ended already, so there is nothing to cancel.")
    return said(Cancelled(stops=cancel(call.name)))


def search(call: Call) -> Response:
    """Runs of the history."""
    asked: Search = call.query
    where = Filter(
        search=asked.q,
        picture=asked.picture,
        model=asked.model,
        method=asked.method,
        tag=asked.tag,
        who=asked.who,
        rating=asked.rating,
        created=(seconds_of(asked.since), seconds_of(asked.until)),
        stored=asked.stored,
        pinned=asked.pinned,
        viewer=identity.viewer(),
        private=asked.private,
        imported=asked.imported,
    )
    order = Order(asked.sort, not asked.ascending)
    found = resources.storage().runs.find(where, order, asked.limit, asked.offset)
    following = asked.offset + asked.limit
    query = {**asked.model_dump(mode="json", exclude_unset=True, exclude_none=True), "offset": following}
    return said(
        RunList(
            runs=[summary_of(record, call.root) for record in found.runs],
            total=found.total,
            limit=asked.limit,
            offset=asked.offset,
            next=f"{call.root}/runs?{urlencode(_as_text(query))}" if following < found.total else None,
        )
    )


def models(_: Call) -> Response:
    """The models that can be asked. None is fetched because somebody looks."""
    catalogue = resources.catalogue()
    ready = dict(catalogue.ready())
    return said(ModelList(models=[model_of(name, ready.get(name)) for name in catalogue.choices]))


def said(answer: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> JSONResponse:
    """An answer in JSON."""
    return JSONResponse(answer.model_dump(mode="json"), status, headers)


def state_of(name: str, root: str) -> RunState:
    """Where a run stands.

    Raises:
        Refused: there is none, or none that the caller may see.
        StoreError: the history cannot be read.
    """
    job = run_job(name)
    if job is not None and (job.is_active or job.outcome is None):
        return job_of(job, root, _expected(job) if job.state == "queued" else None)
    found = found_run(name)
    if isinstance(found, LoadedRun):
        return _done(name, found, root, [] if job is None else job.outcome.notices)
    if isinstance(found, EvictedRun):
        return RunState(id=name, state="evicted", run=found.record.run_id, links=links_of(root, name, False))
    if any(row.job_id == name for row in interrupted()):
        return RunState(id=name, state="interrupted", links=links_of(root, name, False))
    raise Refused(404, NO_RUN)


def found_run(name: str) -> LoadedRun | EvictedRun | None:
    """The run that an address names, or what became of it where it ended after fewer samples; None where there is none.

    Raises:
        StoreError: the history cannot be read.
    """
    job = run_job(name)
    if job is not None and job.outcome is not None:
        if not job.outcome.kept:
            return shown(job)
        return open_run(job.outcome.id)
    return open_run(name)


def _done(name: str, run: LoadedRun, root: str, notices: list[str] | tuple[str, ...]) -> RunState:
    return RunState(
        id=name,
        state="done",
        run=run.id,
        notices=[*notices, *(each for each in run.notices if each not in notices)],
        seconds=None if run.record is None else run.record.duration,
        links=links_of(root, name),
        result=describe(run.result),
    )


def _expected(job: Job) -> float | None:
    """Seconds that a job is expected to take on this server; None where nobody can tell."""
    question = job.question
    try:
        counted = forecast(question.card, [chosen.size for chosen in question.all_pictures], question.request)
        coverage = look_up(resources.storage().results, whole_run(question.request))
        if counted is None:
            return None
        rates = resources.storage().rates
        return rates.seconds(question.card, counted, coverage.missing_samples, answered=coverage.answer is not None)
    except (ExplainError, StoreError) as error:
        logger.warning("What a run takes cannot be told: %s", error)
        return None


def _as_text(query: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()}
