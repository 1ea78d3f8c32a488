"""Workers that are killed while they start, register or load: another one takes it over, or one sentence is said."""

import threading
from contextlib import contextmanager
from functools import partial

import psutil
import pytest

from core.distributed import keeping
from core.distributed.cluster import start_workers
from core.distributed.explainer import DistributedExplainer
from core.distributed.keeping import is_usable, register, replace_ended, start_again
from core.errors import WorkersLost
from core.inputs.pictures import load_picture
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from tests.conftest import gradient_picture
from tests.core.distributed.deaths import AtRegistration, at_work, deaths
from tests.waiting import PATIENCE, wait_until

PICTURE = load_picture(gradient_picture(84, 112))


@pytest.fixture(scope="module")
def card():
    return describe_model(device="cpu")


@pytest.fixture
def request_(card):
    return ExplainRequest(
        image=PICTURE.digest, prompt="Where?", model=card.fingerprint, layers=(0,), num_samples=2, max_new_tokens=2
    )


@pytest.fixture
def one():
    """One worker of this test alone."""
    client = start_workers(1)
    yield client
    client.close()
    client.cluster.close()


def children() -> dict[int, psutil.Process]:
    """The worker processes below this one."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        try:
            if "multiprocessing.spawn" in " ".join(process.cmdline()):
                found[process.pid] = process
        except psutil.Error:
            pass
    return found


@contextmanager
def killing_at_birth(most: int):
    """Kills the next worker processes as soon as they are there, which is seconds before they can do anything."""
    known, killed, over = set(children()), [], threading.Event()

    def kill() -> None:
        while not over.is_set() and len(killed) < most:
            for pid, process in children().items():
                if pid not in known:
                    known.add(pid)
                    process.kill()
                    killed.append(pid)
            over.wait(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def test_workers_that_are_killed_while_they_start_are_started_again(monkeypatch):
    monkeypatch.setattr(keeping, "PAUSE", 0.0)
    with killing_at_birth(2) as killed:
        client = start_again(lambda: start_workers(1))
    assert len(killed) == 2, f"{len(killed)} of 2 workers were killed while they started"
    client.wait_for_workers(1, timeout=PATIENCE)
    assert is_usable(client)
    client.close()
    client.cluster.close()
    assert not is_usable(client)


def test_workers_that_never_come_up_are_one_sentence(monkeypatch):
    monkeypatch.setattr(keeping, "PAUSE", 0.0)
    with (
        killing_at_birth(9) as killed,
        pytest.raises(WorkersLost, match="ended 3 times while they started, perhaps for lack of memory"),
    ):
        start_again(lambda: start_workers(1))
    assert len(killed) == 3, f"{len(killed)} workers were killed at their 3 starts"
    wait_until(lambda: not set(killed) & set(children()), "A worker that was killed is still there.")


def test_a_worker_that_is_killed_at_work_and_again_while_it_starts_anew_costs_time_alone(one, card, request_, tmp_path):
    with killing_at_birth(2) as killed:
        lonely = DistributedExplainer(one, card, within=partial(at_work, tmp_path, 1))
        (result,) = lonely.run(PICTURE, [request_])
    assert deaths(tmp_path) == 1 and len(killed) == 2, f"{deaths(tmp_path)} of 1 and {len(killed)} of 2 kills hit"
    assert result.num_samples == 2


def test_a_worker_that_is_killed_while_it_registers_is_started_again(one, card, request_, tmp_path):
    register(one, AtRegistration(tmp_path, 3), attempts=9)
    (result,) = DistributedExplainer(one, card).run(PICTURE, [request_])
    assert deaths(tmp_path) == 3, f"{deaths(tmp_path)} of 3 kills hit"
    assert result.num_samples == 2


def test_a_worker_that_is_killed_while_it_loads_the_model_is_started_again(one, card, request_, tmp_path):
    lonely = DistributedExplainer(one, card, within=partial(at_work, tmp_path, 3))
    (result,) = lonely.run(PICTURE, [request_])
    assert deaths(tmp_path) == 3, f"{deaths(tmp_path)} of 3 kills hit"
    assert result.num_samples == 2


def test_one_that_is_killed_by_the_model_again_and_again_is_said_and_the_next_run_goes_its_way(
    one, card, request_, tmp_path
):
    with pytest.raises(WorkersLost, match="ended 4 times while it loaded the model embedded, perhaps for lack of mem"):
        DistributedExplainer(one, card, within=partial(at_work, tmp_path, 99)).run(PICTURE, [request_])
    assert deaths(tmp_path) == 4, f"{deaths(tmp_path)} of 4 kills hit"
    assert DistributedExplainer(one, card).run(PICTURE, [request_])


def test_a_worker_whose_nanny_gave_up_is_replaced_while_a_run_waits(one, card, request_):
    (nanny,) = one.cluster.workers.values()
    one.cluster.sync(nanny.close)
    wait_until(lambda: not one.nthreads(), "The worker went on without its nanny.")
    assert DistributedExplainer(one, card).run(PICTURE, [request_])
    (successor,) = one.cluster.workers.values()
    assert successor is not nanny


def test_workers_elsewhere_and_clusters_that_are_closed_are_left_alone():
    client = start_workers(1)
    client.cluster.close()
    before = dict(client.cluster.workers)
    replace_ended(client)
    assert client.cluster.workers == before and not is_usable(client)
    client.close()
