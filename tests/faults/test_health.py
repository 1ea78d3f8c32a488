"""The address for a load balancer, with each part of a real server broken and mended again."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from core.errors import WorkersLost
from dashboard.jobs.backends import WorkerBackend
from dashboard.settings import Settings
from tests.browser.serving import ROOT, server
from tests.core.clusters import cluster_of_others, write_certificates
from tests.waiting import PATIENCE, wait_until

SOUND = {"page": "ok", "results": "ok", "pictures": "ok", "history": "ok", "jobs": "ok"}
PAGE = "from pathlib import Path\nassert not Path('broken').exists(), 'somebody broke it'\n"
LAUNCHER = """
import streamlit as st
from dashboard.server.app import app_parts

app = st.App("page.py", **app_parts())
"""


def health(address: str) -> tuple[int, dict[str, str]]:
    answer = httpx.get(f"{address}/health", timeout=PATIENCE)
    body = answer.json()
    assert body["status"] == ("ok" if answer.status_code == 200 else "failing")
    return answer.status_code, body["parts"]


def settles(address: str, expected: tuple[int, dict[str, str]]) -> None:
    wait_until(lambda: health(address) == expected, f"It never was {expected}.", pause=0.3)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """A server whose first page fails where a file named "broken" is; its address and folder."""
    folder = tmp_path_factory.mktemp("health")
    (folder / "page.py").write_text(PAGE)
    (folder / "launcher.py").write_text(LAUNCHER)
    with server(folder, folder / "launcher.py", settings={"LOG_FORMAT": "json", "WORKERS": "0"}) as address:
        yield address, folder


@contextmanager
def broken_page(folder: Path):
    (folder / "broken").touch()
    yield
    (folder / "broken").unlink()


def replaced(name: str) -> Callable[[Path], object]:
    """Puts something else in the place of what the server has open."""

    @contextmanager
    def replace(folder: Path):
        place, aside = folder / "data" / name, folder / "aside"
        place.rename(aside)
        if aside.is_dir():
            place.touch()
        else:
            place.mkdir()
        yield
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        aside.rename(place)

    return replace


@pytest.mark.parametrize(
    ("part", "breaking"),
    [
        ("page", broken_page),
        ("results", replaced("results/cache.db")),
        ("pictures", replaced("pictures")),
        ("history", replaced("history/runs.sqlite")),
        ("jobs", replaced("jobs/jobs.sqlite")),
    ],
)
def test_a_broken_part_fails_alone_and_is_well_again_when_mended(running, part, breaking):
    address, folder = running
    settles(address, (200, SOUND))
    with breaking(folder):
        settles(address, (503, SOUND | {part: "failing"}))
    settles(address, (200, SOUND))
    # What somebody outside is told has no paths; the log has them, once, and is all objects.
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines() if line.startswith("{")]
    about = [line["message"] for line in lines if line["logger"] == "dashboard.server.health"]
    assert about[-1] == f"Health check: {part} works again."
    assert about[-2].startswith(f"Health check: {part} does not work.")


def test_a_data_folder_that_cannot_be_used_fails_though_pages_work(tmp_path):
    (tmp_path / "data").touch()
    with server(tmp_path, settings={"WORKERS": "0"}) as address:
        assert health(address) == (503, SOUND | {"results": "failing"})


def test_looking_leaves_nothing_behind(running):
    address, folder = running
    settles(address, (200, SOUND))
    shown = subprocess.run(
        [sys.executable, "-m", "dashboard", "store"],
        env={"SMOOTHCAM_DATA_FOLDER": str(folder / "data"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "report" not in shown.stdout
    assert list((folder / "data" / "pictures").iterdir()) == []


def test_without_a_scheduler_the_workers_fail(tmp_path):
    with socket.socket() as held:  # bound and not listening: nobody answers there
        held.bind(("127.0.0.1", 0))
        nowhere = f"tcp://127.0.0.1:{held.getsockname()[1]}"
        with server(tmp_path, settings={"SCHEDULER": nowhere}) as address:
            assert health(address) == (503, SOUND | {"workers": "failing"})


def test_workers_are_asked_and_missed_when_they_are_gone(tmp_path):
    given = write_certificates(tmp_path)
    files = {"tls_authority": given.authority, "tls_certificate": given.certificate, "tls_key": given.key}
    with cluster_of_others(tmp_path, given) as address:
        models = WorkerBackend(Settings(scheduler=address, **files))
        models._connected().wait_for_workers(1, timeout=PATIENCE)
        models.check()
    with pytest.raises(WorkersLost):
        models.check()


def test_worker_processes_of_a_real_server_die_and_return(tmp_path):
    with server(tmp_path, settings={"WORKERS": "1", "LOG_FORMAT": "json"}) as address:
        settles(address, (200, SOUND | {"workers": "ok"}))
        (worker,) = workers_below(tmp_path)
        worker.send_signal(signal.SIGSTOP)
        try:
            settles(address, (503, SOUND | {"workers": "failing"}))
        finally:
            worker.send_signal(signal.SIGCONT)
        settles(address, (200, SOUND | {"workers": "ok"}))
        worker.kill()  # its nanny starts another one
        wait_until(lambda: worker not in workers_below(tmp_path) and workers_below(tmp_path), "No other one came.")
        settles(address, (200, SOUND | {"workers": "ok"}))


def workers_below(folder: Path) -> list[psutil.Process]:
    """The worker processes of the server that runs in that folder."""
    servers = [each for each in psutil.process_iter(["cwd"]) if each.info["cwd"] == str(folder)]
    return [each for each in servers if "spawn_main" in " ".join(each.cmdline())]
