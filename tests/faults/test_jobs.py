"""A killed server, a second one on the same store, a clock set back, a store that vanishes: no job is lost by them."""

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cache import look_up
from core import ExplainRequest, load_picture
from core.engine.model_pool import ModelPool
from core.models.checkpoints import describe_model
from core.scenes.scene import sample
from core.schema.run_requests import whole_run
from dashboard.jobs import runner as work
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question, request_from_dict
from dashboard.jobs.queue import JobQueue
from dashboard.settings import Settings
from dashboard.storage.data_folder import Storage, open_storage
from tests.browser.serving import ROOT
from tests.clocks import who_ask
from tests.some import some
from tests.waiting import PATIENCE, wait_until

SAMPLES = 120


def question(seed: int = 0, samples: int = SAMPLES) -> Question:
    file = io.BytesIO()
    scene = sample(1_700_500)
    scene.image.save(file, "PNG")
    chosen, card = (
        ChosenPicture("scene.png", file.getvalue(), load_picture(file.getvalue())),
        describe_model(device="cpu"),
    )
    layers = tuple(range(card.total_layers))
    request = ExplainRequest(
        image=chosen.picture.digest,
        prompt=scene.question,
        model=card.fingerprint,
        layers=layers,
        num_samples=samples,
        seed=seed,
        max_new_tokens=8,
    )
    return Question(request, chosen, card)


def serve(folder: str, most: str) -> None:
    """What a server does with one question, without its pages; says what it keeps, and gets no further than `most`."""
    work.KEEP_SECONDS = 0.0
    storage = open_storage(Settings(data_folder=Path(folder)))
    asked = question()
    storage.pictures.put(asked.request.image, asked.chosen.data)

    def compute(question, on_progress):
        def report(progress):
            on_progress(progress)
            if progress.stage == "samples" and 0 < progress.done < SAMPLES:
                print("kept", flush=True)  # before it is reported; see `work`
                if progress.done >= int(most):
                    threading.Event().wait()

        return work.compute(question, report, storage=storage, backend=ModelPool(1))

    jobs = JobQueue(compute, log=storage.jobs)
    job = jobs.submit(asked, "page", "anna")
    wait_until(lambda: not jobs.get(job.id).is_active)
    print("over", flush=True)


def start(folder: Path, most: int = SAMPLES) -> subprocess.Popen:
    code = "import sys; from tests.faults.test_jobs import serve; serve(*sys.argv[1:])"
    command = [sys.executable, "-c", code, str(folder), str(most)]
    # One thread each: two servers with a thread for every core wait for each other's threads more than they compute.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


@pytest.fixture(scope="module")
def alone(explainer):
    """The result as one process computes it at once."""
    asked = question()
    return explainer.run(asked.chosen.picture, whole_run(asked.request))


def finish(storage: Storage, explainer, asked: Question):
    return work.compute(
        asked, lambda progress: None, storage=storage, backend=ModelPool(1, load=lambda card: explainer)
    )


def assert_same(outcome, expected):
    for result in expected:
        mine = outcome.result.of(result.request.method)
        assert mine.num_samples == SAMPLES
        assert np.allclose(mine.heat, result.heat, rtol=1e-4, atol=1e-7)


def test_a_killed_server_loses_no_stored_sample_and_the_next_one_goes_on(tmp_path, explainer, alone):
    with start(tmp_path / "data", most=SAMPLES // 2) as server:
        assert server.stdout.readline() == "kept\n"
        os.kill(server.pid, signal.SIGKILL)
    storage = open_storage(Settings(data_folder=tmp_path / "data"))
    (row,) = storage.jobs.interrupted()
    asked = question()
    assert (row.job_id, row.person) == (asked.id, "anna") and request_from_dict(row.asking) == asked.request
    assert storage.pictures.get(asked.request.image) == asked.chosen.data
    missing = look_up(storage.results, whole_run(asked.request)).missing_samples
    assert 0 < missing < SAMPLES
    assert storage.runs.count() == 0  # nothing half-done is in the history
    outcome = finish(storage, explainer, asked)
    assert storage.runs.get(asked.id).computed_samples == missing
    assert_same(outcome, alone)


def test_two_servers_on_one_store_compute_the_same_at_once(tmp_path, explainer, alone):
    servers = [start(tmp_path / "data") for _ in range(2)]
    said = [server.communicate(timeout=2 * PATIENCE)[0].splitlines()[-1] for server in servers]
    assert said == ["over", "over"]
    storage = open_storage(Settings(data_folder=tmp_path / "data"))
    assert storage.runs.count() == 1 and storage.jobs.interrupted() == []
    loaded = ModelPool(1, load=lambda card: pytest.fail("something was missing"))
    assert_same(work.compute(question(), lambda progress: None, storage=storage, backend=loaded), alone)


def test_a_clock_that_goes_backwards_in_the_middle_changes_nothing(tmp_path, explainer, alone, monkeypatch):
    storage = open_storage(Settings(data_folder=tmp_path / "data", store_days=30))
    back = threading.Event()
    clock = SimpleNamespace(**vars(time))
    clock.time = lambda: time.time() - (40 * 24 * 3600 if back.is_set() else 0)
    for module in some(who_ask()):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(work, "KEEP_SECONDS", 0.0)
    asked = question()

    def compute(each, on_progress):
        def report(progress):
            if progress.stage == "samples" and progress.done > 0:
                back.set()
            on_progress(progress)

        backend = ModelPool(1, load=lambda card: explainer)
        return work.compute(each, report, storage=storage, backend=backend)

    jobs = JobQueue(compute, log=storage.jobs)
    job = jobs.submit(asked, "page")
    wait_until(lambda: not jobs.get(job.id).is_active)
    assert back.is_set() and jobs.get(job.id).state == "done"
    assert_same(jobs.get(job.id).outcome, alone)
    assert storage.results.get(asked.request) is not None  # neither expired nor hidden
    assert [run.run_id for run in storage.runs.recent(5)] == [asked.id]
    assert jobs.get(job.id).seconds >= 0


def test_a_store_that_is_deleted_while_a_job_runs_costs_no_result(tmp_path, explainer, alone):
    storage = open_storage(Settings(data_folder=tmp_path / "data"))
    asked, deleted = question(), []

    def report(progress):
        if progress.stage == "samples" and progress.done > 0 and not deleted:
            shutil.rmtree(tmp_path / "data")
            deleted.append(True)

    outcome = work.compute(asked, report, storage=storage, backend=ModelPool(1, load=lambda card: explainer))
    assert deleted
    assert_same(outcome, alone)
    if not outcome.kept:
        assert outcome.notices[0].startswith("This result is shown but was not kept.")
    again = open_storage(Settings(data_folder=tmp_path / "data"))
    assert_same(finish(again, explainer, asked), alone)
    assert again.runs.get(asked.id) is not None
