"""The batch command beside a running server, and with workers: nothing is computed twice, whoever computes."""

import os
import re
import signal
from contextlib import suppress

import httpx
import numpy as np
import psutil
import pytest

from cache import RunRecord
from core import ExplainRequest, load_picture
from core.schema.run_requests import whole_run
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from tests.browser.serving import server
from tests.commands import QUICK, command, photos_in, start, until
from tests.core.answers import assert_same_answer
from tests.visitors import Visitor
from tests.waiting import PATIENCE, wait_until


def runs_of(data) -> dict[str, RunRecord]:
    storage = open_storage(Settings(data_folder=data))
    try:
        return {run.picture_name: run for run in storage.runs.recent(99)}
    finally:
        storage.jobs.close()


def computed_once(data, samples: int) -> set[str]:
    """The pictures whose run took so many samples in one go, which it does only if none was there before."""
    return {name for name, run in runs_of(data).items() if run.computed_samples == samples}


def jobs_done(address: str) -> int:
    text = httpx.get(f"{address}/metrics", timeout=PATIENCE).text
    return int(float(re.search(r'^smoothcam_jobs_total\{outcome="done"\} (\S+)$', text, re.MULTILINE)[1]))


def test_beside_a_running_server_each_leaves_the_others_rows_alone(tmp_path):
    photos, data = photos_in(tmp_path / "photos", 4), tmp_path / "data"
    asked = (photos, "--prompt", "Where is it?", *QUICK, "--samples", "40")
    with server(tmp_path, until="health", settings={"WORKERS": "0"}) as address:
        page = Visitor(address)
        page.open("batch")  # the server has the store open
        process = start(data, *asked, "--address", address)
        until(process, "1/4 p0.png: computed")
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130 and "Traceback" not in error, error
        name = re.search("batch=([0-9a-f]{16})", out)[1]
        before = runs_of(data)
        # A run that was stopped in its middle is one of fewer samples.
        whole = {each for each, run in before.items() if run.num_samples == 40}
        assert "p0.png" in whole and len(whole) < 4 and jobs_done(address) == 0

        seen = page.open("batch", batch=name)
        assert not seen.problems and any(f"{len(whole)} of 4 done" in text for text in seen.texts)
        seen = page.click("batch-go-on")
        assert not seen.problems, seen
        wait_until(lambda: any("4 of 4 done" in text for text in page.look().texts), "It was never done.", pause=0.3)
        assert not page.seen.problems and jobs_done(address) == 4 - len(whole)
        after = runs_of(data)
        assert all(after[each] == before[each] for each in whole)  # none was written anew
        samples = sum(run.computed_samples for run in after.values() if run.num_samples == 40)
        kept = sum(run.computed_samples for run in before.values() if run.num_samples < 40)
        assert samples + kept == 4 * 40  # none was computed twice

        code, _, error = command(data, *asked)
        assert code == 0 and "4 stored already, 0 to compute" in error and "Loading weights" not in error
        assert runs_of(data) == after
        page.close()


@pytest.fixture
def leave_nothing():
    """Ends what a killed command may have left."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    for child in psutil.Process().children(recursive=True):
        if child.pid not in before:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def test_with_a_worker_process_it_is_killed_and_goes_on(tmp_path, explainer, leave_nothing):
    photos, data = photos_in(tmp_path / "photos", 3), tmp_path / "data"
    asked = (photos, "--prompt", "Where is it?", *QUICK, "--samples", "12")
    process = start(data, *asked, workers=1)
    until(process, "1/3 p0.png: computed")
    children = psutil.Process(process.pid).children(recursive=True)
    assert any("spawn" in " ".join(child.cmdline()) for child in children)  # not computed by the command itself
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL, "It had ended before it was killed."
    _, left = psutil.wait_procs(children, timeout=PATIENCE)
    assert left == []
    before = runs_of(data)
    assert "p0.png" in before and len(before) < 3, f"{len(before)} of 3 rows were done when it was killed."

    code, out, error = command(data, *asked, workers=1)
    assert code == 0, error
    assert error.count(": stored already") == len(before) and error.count(": computed in") == 3 - len(before)
    after = runs_of(data)
    assert all(after[name] == run for name, run in before.items()) and len(after) == 3
    assert computed_once(data, 12) == set(after)
    code, _, error = command(data, *asked, workers=1)
    assert code == 0 and "3 stored already, 0 to compute" in error and runs_of(data) == after

    # As one process computes it.
    storage = open_storage(Settings(data_folder=data))
    for name, run in after.items():
        request = ExplainRequest.from_dict(run.request)
        (expected,) = explainer.run(load_picture(photos / name), [request])
        found = storage.results.get_all(whole_run(request), counted=False)
        assert_same_answer(found.answer, expected.answer)
        assert np.allclose(found.heat, expected.heat, rtol=1e-4, atol=1e-7)
    storage.jobs.close()
