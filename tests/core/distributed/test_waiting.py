"""Waiting for tasks that take long: what happens to workers meanwhile is tested where runs are."""

import asyncio
import time

from core.distributed.waiting import are_done


def test_to_wait_leaves_nothing_behind(client, monkeypatch):
    """A job may take hours, and the server is asked for others meanwhile."""
    monkeypatch.setattr("core.distributed.waiting.TICK", 0.01)

    async def count() -> int:
        return len(asyncio.all_tasks())

    task, looks = client.submit(time.sleep, 1.0, pure=False), 0
    before = client.sync(count)
    while not are_done(client, [task]):
        looks, waiting = looks + 1, client.sync(count)
    assert looks > 20 and waiting < before + 10
