"""Where jobs compute: decided by the settings, started when first needed."""

import numpy as np
import pytest

from core.errors import WorkersLost
from core.memory.budget import Budget
from dashboard.jobs.backends import budget_of, local_workers, open_backend
from dashboard.jobs.runner import compute
from dashboard.settings import Settings
from tests.core.clusters import cluster_of_others, write_certificates
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("given", "visible", "count", "devices"),
    [
        ({}, (), 1, ()),
        ({}, ("0", "1"), 2, ("0", "1")),
        ({"worker_devices": "3"}, ("0", "1"), 1, ("3",)),
        ({"workers": 4}, ("0", "1"), 4, ("0", "1")),
        ({"workers": "2"}, (), 2, ()),
    ],
)
def test_there_is_a_worker_for_each_device_or_as_many_as_are_set(given, visible, count, devices, monkeypatch):
    monkeypatch.delenv("SMOOTHCAM_WORKERS")
    monkeypatch.setattr("dashboard.jobs.backends.device_numbers", lambda device: visible)
    assert local_workers(Settings(**given)) == (count, devices)


@pytest.mark.parametrize(
    ("given", "visible", "expected"),
    [
        ({"workers": 0}, ("0",), Budget()),
        ({"workers": 3}, (), Budget(processes=3)),
        ({"workers": 3}, ("0", "1"), Budget(processes=2)),
        ({}, ("0", "1"), Budget()),
        ({"workers": 2, "models_bytes": "40GB"}, (), Budget(40 * 10**9, 2)),
        ({"workers": 4, "scheduler": "tls://gpu-server:8786"}, (), Budget()),
    ],
)
def test_processes_divide_the_memory_that_they_share(given, visible, expected, monkeypatch):
    monkeypatch.delenv("SMOOTHCAM_WORKERS")
    monkeypatch.setattr("dashboard.jobs.backends.device_numbers", lambda device: visible)
    assert budget_of(Settings(**given)) == expected


def test_without_workers_this_process_computes(card, monkeypatch):
    monkeypatch.setattr("core.distributed.cluster.start_workers", lambda *given: pytest.fail("workers were started"))
    assert open_backend(Settings(workers=0)).get(card).loaded.fingerprint == card.fingerprint


def test_workers_compute_what_a_job_lacks_and_are_started_once(ask, storage, monkeypatch):
    from core.distributed import cluster

    started = []
    original = cluster.start_workers
    monkeypatch.setattr(cluster, "start_workers", lambda *given: started.append((given, c := original(*given))) or c)
    backend = open_backend(Settings(workers=1))
    assert not started
    try:
        for layers in ((0, 1), (2,)):
            question = ask(layers=layers, num_samples=2, max_new_tokens=3)
            outcome = compute(question, lambda progress: None, storage=storage, backend=backend)
            assert outcome.kept and outcome.result.layers == layers and outcome.result.heat.max() > 0
        assert [given for given, _ in started] == [(1, ())]
    finally:
        for _, client in started:
            client.close()
            client.cluster.close()


def test_a_scheduler_that_is_not_there_is_one_sentence_and_is_tried_again(card, monkeypatch):
    monkeypatch.setattr("core.distributed.cluster.CONNECT", 0.5)
    backend = open_backend(Settings(scheduler="tcp://127.0.0.1:1"))
    for _ in range(2):
        with pytest.raises(WorkersLost, match="No scheduler answers at tcp://127.0.0.1:1"):
            backend.get(card)


def test_devices_are_a_list_of_numbers(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_WORKER_DEVICES", "0, 1")
    assert Settings().worker_devices == ("0", "1")


def test_workers_that_others_started_are_joined_and_joined_again(tmp_path, card, chosen, ask):
    given, request = write_certificates(tmp_path), ask(num_samples=2, max_new_tokens=3).request
    files = {"tls_authority": given.authority, "tls_certificate": given.certificate, "tls_key": given.key}
    with cluster_of_others(tmp_path, given) as address:
        backend = open_backend(Settings(scheduler=address, **files))
        first = backend.get(card)
        first.client.wait_for_workers(1, timeout=PATIENCE)
        (before,) = first.run(chosen.picture, [request])
    with pytest.raises(WorkersLost):
        first.run(chosen.picture, [request])
    with cluster_of_others(tmp_path, given, int(address.rpartition(":")[2])):
        again = backend.get(card)
        again.client.wait_for_workers(1, timeout=PATIENCE)
        (after,) = again.run(chosen.picture, [request])
        again.client.close()
    assert before.heat.max() > 0
    np.testing.assert_array_equal(before.heat, after.heat)


def test_a_cluster_that_ended_is_started_anew_for_the_next_job(ask, storage, card):
    backend = open_backend(Settings(workers=1))
    first = backend.get(card).client
    first.cluster.close()
    question = ask(layers=(0,), num_samples=2, max_new_tokens=2)
    outcome = compute(question, lambda progress: None, storage=storage, backend=backend)
    second = backend.get(card).client
    assert outcome.kept and second is not first and first.status == "closed"
    second.close()
    second.cluster.close()


def test_workers_that_could_not_be_started_are_a_sentence_and_started_for_the_next_job(card, monkeypatch):
    from core.distributed import cluster, keeping

    monkeypatch.setattr(keeping, "PAUSE", 0.0)
    original, calls = cluster.start_workers, []

    def fail_three_times(*given):
        calls.append(given)
        if len(calls) <= 3:
            raise RuntimeError("Nanny failed to start.")
        return original(*given)

    monkeypatch.setattr(cluster, "start_workers", fail_three_times)
    backend = open_backend(Settings(workers=1))
    with pytest.raises(WorkersLost, match="ended 3 times while they started"):
        backend.get(card)
    client = backend.get(card).client
    assert len(calls) == 4 and client.status == "running"
    client.close()
    client.cluster.close()
