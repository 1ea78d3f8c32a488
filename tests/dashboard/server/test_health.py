"""A part that fails is named, and holds up nobody else."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from dashboard.server.health import Health, in_thread


async def fine() -> None:
    pass


async def broken() -> None:
    raise OSError("the disk is full")


def run(work):
    """In a thread of its own: a test of the browser may have left its event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_each_part_speaks_for_itself():
    report = run(Health({"page": fine, "results": broken}).report())
    assert report == {"page": True, "results": False}


def test_a_part_that_hangs_fails_and_the_others_do_not_wait_for_it():
    release = threading.Event()
    health = Health({"page": fine, "results": in_thread(lambda: release.wait(30) and None)}, patience=0.2, fresh=0)

    async def look_often() -> list[dict[str, bool]]:
        threads = threading.active_count()
        reports = [await health.report() for _ in range(4)]
        assert threading.active_count() <= threads + 1, "hung looks pile up"
        release.set()
        return [*reports, await health.report()]

    started = time.monotonic()
    reports = run(look_often())
    assert reports == [{"page": True, "results": False}] * 4 + [{"page": True, "results": True}]
    assert time.monotonic() - started < 5


def test_many_who_ask_at_once_share_one_look():
    looks = []

    async def count() -> None:
        looks.append(1)
        await asyncio.sleep(0.05)

    async def ask() -> None:
        health = Health({"page": count}, fresh=60)
        impatient = asyncio.ensure_future(health.report())
        await asyncio.sleep(0.01)
        impatient.cancel()  # hangs up; the look goes on for the others
        assert await asyncio.gather(*(health.report() for _ in range(20))) == [{"page": True}] * 20

    run(ask())
    assert len(looks) == 1


def test_an_old_report_is_not_served():
    state = {"works": False}

    async def look() -> None:
        if not state["works"]:
            raise RuntimeError("not yet")

    async def ask() -> None:
        health = Health({"page": look}, fresh=0.05)
        assert await health.report() == {"page": False}
        state["works"] = True
        assert await health.report() == {"page": False}
        await asyncio.sleep(0.1)
        assert await health.report() == {"page": True}

    run(ask())


def test_the_log_hears_of_a_change_once(caplog):
    caplog.set_level(logging.INFO, "dashboard.server.health")
    parts = {"results": broken}

    async def ask() -> None:
        health = Health(parts, fresh=0)
        for _ in range(3):
            await health.report()
        health._checks["results"] = fine
        for _ in range(2):
            await health.report()

    run(ask())
    assert [line.getMessage() for line in caplog.records] == [
        "Health check: results does not work. the disk is full",
        "Health check: results works again.",
    ]
