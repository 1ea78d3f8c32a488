"""Worker processes of this machine, and who may talk to them."""

import os

import pytest

from core.distributed.cluster import join_workers
from core.errors import WorkersLost


def test_nobody_without_the_certificates_gets_in(client, monkeypatch):
    monkeypatch.setattr("core.distributed.cluster.CONNECT", 2.0)
    address = client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    with pytest.raises(WorkersLost, match="No scheduler answers"):
        join_workers(address.replace("tls://", "tcp://"))
    with pytest.raises(WorkersLost, match="No scheduler answers"):
        join_workers(address)


def test_each_worker_has_one_thread_and_its_share_of_the_cores(client):
    assert list(client.nthreads().values()) == [1, 1]
    threads = client.run(lambda: os.environ["OMP_NUM_THREADS"])
    assert set(threads.values()) == {str(max(1, (os.cpu_count() or 1) // 2))}
