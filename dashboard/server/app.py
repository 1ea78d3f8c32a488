"""What the server does besides showing pages: it sets up its log, guards its doors, answers at /health and /metrics.

`Home.py` hands these to `streamlit.App`, so that they are there before the first page is opened.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from streamlit import runtime

from cache import StoreError
from cache.files.folders import drop_under_way
from cache.jobs.leases import release_all
from cache.results.lookups import Lookups, flush_all
from core.errors import ExplainError
from core.import_path import forget_working_folder
from core.temporary import inside_own_folder
from dashboard import logs, resources
from dashboard.jobs.backends import WorkerBackend
from dashboard.jobs.job import Job
from dashboard.server import metrics, page_errors
from dashboard.server.first_document import page_routes
from dashboard.server.health import Check, Health, in_thread
from dashboard.server.memory import given_back, limit_heaps
from dashboard.server.messages import MessageGuard
from dashboard.server.middleware import MetricsGuard, SecurityHeaders
from dashboard.server.options import hold
from dashboard.server.origins import SameOrigin, is_this_machine
from dashboard.server.preload import Preload
from dashboard.server.sign_in_return import SignInReturn
from dashboard.server.uploads import UploadGuard, let_go_now_and_then, limits_of, upload_room
from dashboard.settings import Settings, read_settings
from dashboard.storage.upkeep import Upkeep
from dashboard.uploads.room import UploadRoom


def app_parts() -> dict[str, Any]:
    """What `streamlit.App` takes besides the script.

    Raises:
        SystemExit: the settings cannot be used; the sentence says which.
    """
    try:
        settings = read_settings()
        hold()
    except ExplainError as error:
        raise SystemExit(str(error)) from None
    forget_working_folder()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        logs.configure(settings.log_format, settings.log_level)
        limit_heaps()
        with inside_own_folder():
            upkeep, cleaning = Upkeep(resources.storage), asyncio.create_task(let_go_now_and_then())
            upkeep.start()
            loading = Preload()
            loading.start()
            async with given_back(_ServerState().pages):
                yield
            loading.stop()
            cleaning.cancel()
            await run_in_threadpool(upkeep.stop)
            await run_in_threadpool(flush_all)
            drop_under_way()
            release_all()

    page_errors.quieten_streamlit()
    room = upload_room(limits_of(settings))
    return {
        "lifespan": lifespan,
        "routes": [*routes(settings), *_api(settings, room)],
        "middleware": middleware(settings, room),
        "on_script_error": page_errors.note,
    }


def middleware(settings: Settings, room: UploadRoom) -> list[Middleware]:
    """What every request goes through, the outermost first.

    Args:
        room: of all uploads.
    """
    # Streamlit itself compares the host of web sockets only.
    hosts = list(st.get_option("server.allowedHosts"))
    local = not hosts and is_this_machine(st.get_option("server.address"))
    return [
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts or ["*"], www_redirect=False),
        Middleware(SameOrigin, public=st.get_option("server.corsAllowedOrigins"), local=local),
        Middleware(MetricsGuard, networks=settings.metrics_from),
        Middleware(MessageGuard),
        Middleware(UploadGuard, room=room),
        Middleware(SignInReturn, base=st.get_option("server.baseUrlPath") or ""),
    ]


def routes(settings: Settings) -> list[Route]:
    """The addresses that this program answers at by itself, before Streamlit does."""
    health = Health(checks(settings))
    write = metrics.exposition(_ServerState())

    async def show_health(request: Request) -> Response:
        report = await health.report()
        damaged = await run_in_threadpool(_damaged)
        works = all(report.values())
        parts = {name: "ok" if fine else "failing" for name, fine in report.items()}
        body = {
            "status": "failing" if not works else "degraded" if damaged else "ok",
            "parts": parts | ({"data": "damaged"} if damaged else {}),
            **({"damaged": damaged} if damaged else {}),
        }
        # A server whose data were damaged serves people all the same, so that a load balancer keeps it; whoever watches
        # codes alone asks for strict ones.
        fails = not works or (damaged and "strict" in request.query_params)
        return JSONResponse(body, 503 if fails else 200, {"Cache-Control": "no-store"})

    async def show_metrics(_: Request) -> Response:
        return Response(await run_in_threadpool(write), media_type=metrics.TYPE, headers={"Cache-Control": "no-store"})

    return [
        Route("/health", show_health),
        Route("/metrics", show_metrics),
        *page_routes(st.get_option("server.baseUrlPath") or ""),
    ]


def _api(settings: Settings, room: UploadRoom) -> list[Mount]:
    """The door for programs, where there is to be one."""
    if not settings.api:
        return []
    from dashboard.api.application import mounted  # brings what pages are made of

    return [mounted(room, st.get_option("server.baseUrlPath") or "")]


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


def _damaged() -> list[str]:
    """The names of what of the data folder is lost or cannot be read, and nobody has acknowledged."""
    try:
        return [damage.name for damage in resources.storage().damage()]
    except ExplainError:  # the other parts say so
        return []


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

    def interrupted(self) -> int | None:
        # Private ones, too: a number tells nothing of them, and there is no page here whose visitor would matter.
        try:
            return len(resources.storage().jobs.interrupted())
        except StoreError:  # /health says so
            return None

    def lookups(self) -> Lookups:
        return resources.storage().results.lookups()

    def damage(self) -> Mapping[str, int]:
        return Counter(damage.part for damage in resources.storage().damage())

    def pages(self) -> int:
        stats = runtime.get_instance().stats_mgr.get_stats(["active_sessions"])
        return sum(int(stat.value) for family in stats.values() for stat in family)
