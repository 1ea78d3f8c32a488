"""Nothing is left of a server that ends, or of a killed test; what a killed server leaves, the next one takes away."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.browser.serving import HOME, ROOT, free_port
from tests.processes import end_with_parent
from tests.waiting import PATIENCE, wait_until

PARENT = """
import subprocess, sys, time
from tests.processes import end_with_parent
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], preexec_fn=end_with_parent)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path) -> Path:
    """The system's temporary folder, as far as the servers of a test know."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def begin(tmp_path, temporary) -> Iterator:
    """Starts a server with a worker and a store in the place of one that cannot be used; both lie in its own folder."""
    (tmp_path / "in the way").touch()
    started = []

    def start(data: Path = tmp_path / "in the way") -> subprocess.Popen:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", HOME, f"--server.port={port}", "--server.headless=true"],
            cwd=tmp_path,
            env={
                **os.environ,
                "TMPDIR": str(temporary),
                "SMOOTHCAM_DATA_FOLDER": str(data),
                "SMOOTHCAM_DEVICE": "cpu",
                "SMOOTHCAM_WORKERS": "1",
            },
            stdout=subprocess.DEVNULL,
            stderr=(tmp_path / "log").open("ab"),
            preexec_fn=end_with_parent,
        )
        started.append(process)
        wait_until(lambda: _health(port).get("workers") == "ok", "Its worker never came.", pause=0.2)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(PATIENCE)


def _health(port: int) -> dict[str, str]:
    try:
        return httpx.get(f"http://localhost:{port}/health", timeout=PATIENCE).json()["parts"]
    except (httpx.HTTPError, ValueError):
        return {}


def below(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_of_a_server_that_is_ended(begin, temporary, tmp_path, end):
    server = begin()
    (own,) = temporary.iterdir()
    assert list(own.glob("data-*")) and list(own.glob("dask-scratch-space/worker-*")) and own.stat().st_mode & 0o77 == 0
    workers = below(server)
    assert workers
    server.send_signal(end)
    server.wait(PATIENCE)
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert alive == [] and list(temporary.iterdir()) == []
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_no_lock_stays_in_the_data_folder_of_a_server_that_is_ended(begin, tmp_path):
    data = tmp_path / "data"
    killed = begin(data)
    killed.kill()
    killed.wait(PATIENCE)
    assert locks(data), "it was killed before it had any"
    server = begin(data)
    server.send_signal(signal.SIGTERM)
    server.wait(PATIENCE)
    assert locks(data) == []


def locks(data: Path) -> list[str]:
    """What lies beside the databases, and is neither their logs nor theirs."""
    files = [path.name for path in data.rglob("*.*") if path.is_file()]
    return [name for name in files if not name.removesuffix("-wal").removesuffix("-shm").endswith((".sqlite", ".db"))]


def test_what_a_killed_server_leaves_the_next_one_takes_away(begin, temporary):
    server = begin()
    (left,) = temporary.iterdir()
    workers = below(server)
    server.kill()
    server.wait(PATIENCE)
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert alive == [] and left.exists()
    begin()
    (own,) = temporary.iterdir()
    assert own != left


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_what_tests_start_ends_with_them(end):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(end)
    parent.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs([child], timeout=PATIENCE)
    assert alive == []
