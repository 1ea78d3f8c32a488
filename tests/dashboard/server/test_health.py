"""A part that fails is named, and holds up nobody else."""

import asyncio
import logging
import threading

from dashboard.server.health import Health, in_thread
from tests.clocks import Clock
from tests.loops import run
from tests.waiting import PATIENCE


async def fine() -> None:
    pass


async def broken() -> None:
    raise OSError("the disk is full")


def test_each_part_speaks_for_itself():
    report = run(Health({"page": fine, "results": broken}).report())
    assert report == {"page": True, "results": False}


def test_a_part_that_hangs_fails_and_the_others_do_not_wait_for_it():
    release, ended = threading.Event(), []

    def hang() -> None:
        ended.append(release.wait(PATIENCE))

    health = Health({"page": fine, "results": in_thread(hang)}, patience=0.2, fresh=0)

    async def look_often() -> list[dict[str, bool]]:
        threads = threading.active_count()
        reports = [await health.report() for _ in range(4)]
        assert threading.active_count() <= threads + 1, "hung looks pile up"
        assert ended == [], "the reports waited for it"
        release.set()
        health._patience = PATIENCE  # a busy machine may take its time over a look that works
        return [*reports, await health.report()]

    assert run(look_often()) == [{"page": True, "results": False}] * 4 + [{"page": True, "results": True}]


def test_many_who_ask_at_once_share_one_look():
    looks = []

    async def ask() -> None:
        seen, others_have_come = asyncio.Event(), asyncio.Event()

        async def count() -> None:
            looks.append(1)
            seen.set()
            await others_have_come.wait()

        health = Health({"page": count}, patience=PATIENCE, fresh=PATIENCE)
        impatient = asyncio.ensure_future(health.report())
        await seen.wait()
        impatient.cancel()  # hangs up; the look goes on for the others
        others = asyncio.gather(*(health.report() for _ in range(20)))
        asyncio.get_running_loop().call_soon(others_have_come.set)  # behind the first step of each
        assert await others == [{"page": True}] * 20

    run(ask())
    assert len(looks) == 1


def test_an_old_report_is_not_served(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("dashboard.server.health.monotonic", clock.monotonic)
    state = {"works": False}

    async def look() -> None:
        if not state["works"]:
            raise RuntimeError("not yet")

    async def ask() -> None:
        health = Health({"page": look}, fresh=2)
        assert await health.report() == {"page": False}
        state["works"] = True
        assert await health.report() == {"page": False}
        clock.forward(2.1)
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
