"""What the server does besides showing pages: it sets up its log, guards its doors, answers at /health and /metrics.

`Home.py` hands these to `streamlit.App`, so that they are there before the first page is opened.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import runtime

from cache import StoreError
from cache.results.lookups import Lookups, flush_all
from core.errors import ExplainError
from dashboard import logs, resources
from dashboard.jobs.backends import WorkerBackend
from dashboard.jobs.job import Job
from dashboard.server import metrics
from dashboard.server.health import Check, Health, in_thread
from dashboard.server.middleware import MetricsGuard, SecurityHeaders
from dashboard.server.sign_in_return import SignInReturn
from dashboard.services import waiting
from dashboard.settings import Settings, read_settings


def app_parts() -> dict[str, Any]:
    """What `streamlit.App` takes besides the script.

    Raises:
        SystemExit: the settings cannot be used; the sentence says which.
    """
    try:
        settings = read_settings()
    except ExplainError as error:
        raise SystemExit(str(error)) from None

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        logs.configure(settings.log_format, settings.log_level)
        yield
        await run_in_threadpool(flush_all)

    return {"lifespan": lifespan, "routes": routes(settings), "middleware": middleware(settings)}


def middleware(settings: Settings) -> list[Middleware]:
    """What every request goes through, the outermost first."""
    # Streamlit itself compares the host of web sockets only.
    hosts = list(st.get_option("server.allowedHosts")) or ["*"]
    return [
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(MetricsGuard, networks=settings.metrics_from),
        Middleware(SignInReturn, base=st.get_option("server.baseUrlPath") or ""),
    ]


def routes(settings: Settings) -> list[Route]:
    """The addresses that are no pages."""
    health = Health(checks(settings))
    write = metrics.exposition(_ServerState())

    async def show_health(_: Request) -> Response:
        report = await health.report()
        works = all(report.values())
        body = {
            "status": "ok" if works else "failing",
            "parts": {name: "ok" if fine else "failing" for name, fine in report.items()},
        }
        return JSONResponse(body, 200 if works else 503, {"Cache-Control": "no-store"})

    async def show_metrics(_: Request) -> Response:
        return Response(await run_in_threadpool(write), media_type=metrics.TYPE, headers={"Cache-Control": "no-store"})

    return [Route("/health", show_health), Route("/metrics", show_metrics)]


def checks(settings: Settings) -> dict[str, Check]:
    """How each part of the server is looked at."""
    parts: dict[str, Check] = {
        "page": _page,
        "results": in_thread(_results),
        "pictures": in_thread(lambda: resources.storage().pictures.check()),
        "history": in_thread(lambda: resources.storage().runs.check()),
        "jobs": in_thread(lambda: resources.storage().jobs.check()),
    }
    if settings.workers or settings.scheduler is not None:
        parts["workers"] = in_thread(_workers)
    return parts


async def _page() -> None:
    runs, said = await runtime.get_instance().does_script_run_without_error()
    if not runs:
        raise RuntimeError(f"The first page ends with: {said}.")


def _results() -> None:
    storage = resources.storage()
    if storage.problem is not None:  # a stand-in that works is not what was meant to
        raise StoreError(storage.problem)
    storage.results.check()


def _workers() -> None:
    backend = resources.backend()
    if isinstance(backend, WorkerBackend):
        backend.check()


class _ServerState:
    """How things stand on this server: a `dashboard.server.metrics.Source`."""

    def active(self) -> list[Job]:
        return resources.jobs().active()

    def interrupted(self) -> int:
        return len(waiting.interrupted())

    def lookups(self) -> Lookups:
        return resources.storage().results.lookups()

    def pages(self) -> int:
        stats = runtime.get_instance().stats_mgr.get_stats(["active_sessions"])
        return sum(int(stat.value) for family in stats.values() for stat in family)
