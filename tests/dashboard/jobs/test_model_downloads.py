"""A download that pages wait for, and a server that is told to end meanwhile."""

import os
import subprocess
import sys
import threading

import psutil
import pytest

from core import Cancelled, Progress
from dashboard.jobs.model_downloads import DownloadState, DownloadStopped, ModelDownload
from tests.core.models.folders.hub_server import serving
from tests.core.models.folders.making import HUB_ID, plain


def test_it_is_there_failed_or_stopped(card, wait_until):
    go_on = threading.Event()

    def fetch(on_progress):
        on_progress(Progress("fetch", 1, 4))
        assert go_on.wait(10)
        on_progress(Progress("fetch", 4, 4))
        return card

    download = ModelDownload(fetch)
    wait_until(lambda: download.state("a page") == DownloadState(1, 4, 0, False))
    assert download.card(0) is None and not download.is_over and not download.is_older(0)
    download.waiters = {"a page", "another"}
    assert download.state("a page").others == 1 and download.state("a third").others == 2
    go_on.set()
    assert download.card(10) is card and download.is_older(0) and not download.is_older(60)

    go_on.clear()
    stopped = ModelDownload(fetch)
    stopped.stop()
    go_on.set()
    with pytest.raises(DownloadStopped):
        stopped.card(10)
    assert stopped.is_over and not stopped.is_older(0)  # that would begin it again


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TimeoutError("slow"), KeyError("x")])
def test_what_goes_wrong_is_raised_for_whoever_waits(error):
    def fetch(on_progress):
        raise error

    download = ModelDownload(fetch)
    for patience in (10, 0):
        with pytest.raises(type(error)):
            download.card(patience)
    assert download.is_older(0)


def test_a_stop_is_heard_at_the_next_report():
    heard, reported = threading.Event(), threading.Event()

    def fetch(on_progress):
        assert reported.wait(10)
        try:
            on_progress(Progress("fetch", 1, 2))
        except Cancelled:
            heard.set()
            raise

    download = ModelDownload(fetch)
    download.stop()
    assert download.state("a page").stopping
    reported.set()
    assert heard.wait(10)


def test_a_server_that_is_told_to_end_does_not_wait_for_it(tmp_path, monkeypatch):
    with serving(monkeypatch, tmp_path / "cache") as hub:
        hub.folders[HUB_ID] = plain(tmp_path)
        hub.pace.clear()
        code = (
            "import time\n"
            "from dashboard.jobs.model_catalogue import Catalogue\n"
            f"catalogue = Catalogue(({HUB_ID!r},), 'cpu')\n"
            f"while not (state := catalogue.download({HUB_ID!r}, 'a page')) or not state.total:\n"
            f"    assert catalogue.describe({HUB_ID!r}) is None\n"
            "print('begun', flush=True)\n"
            "input()\n"
        )
        environment = os.environ | {"HF_HUB_CACHE": str(tmp_path / "cache")}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes) as server:
            assert server.stdout.readline() == "begun\n"
            (fetching,) = psutil.Process(server.pid).children()
            server.communicate("\n", timeout=10)
        fetching.wait(10)
    assert server.returncode == 0 and not list((tmp_path / "cache").rglob("*.incomplete"))
