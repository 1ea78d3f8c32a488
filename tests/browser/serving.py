"""Starting the dashboard's own server, and finding a Chromium to look at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import psutil

from tests import waiting
from tests.processes import end_with_parent

ROOT = Path(__file__).parents[2]
HOME = ROOT / "dashboard" / "Home.py"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example.org 127.0.0.1",
]
PATIENCE = 1000 * waiting.PATIENCE
"""As Playwright takes it, in milliseconds."""


class DidNotStart(AssertionError):  # noqa: N818 - a failure of the test, not of the program
    """A server ended, or never answered."""


class LeftWork(AssertionError):  # noqa: N818
    """Something goes on that should have come to its end."""


@contextmanager
def server(
    folder: Path,
    script: Path = HOME,
    *,
    until: str = "script-health-check",
    options: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
    at_rest: bool = True,
    port: int | None = None,
    base: str = "",
) -> Iterator[str]:
    """The address of a server that knows no settings but those given here; it and its workers end with the context.

    Whoever asked it for something waits for that, or cancels it: a job that is left is a failure.

    Args:
        folder: its working directory; what it stores goes into `folder / "data"`.
        until: the status page that must answer first. "script-health-check" runs the script once,
            "health" does not.
        options: more of Streamlit's, such as "--server.maxUploadSize=1".
        settings: more of this program's, without the prefix.
        at_rest: whether all jobs must have ended before it does.
        port: where it listens, in place of a free one.
        base: the path, such as "/maps", below which it shows its pages.
    """
    port = port or free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMOOTHCAM_", "STREAMLIT_"))}
    if script != HOME:  # which has the options of the program beside it
        options = ["--server.address=localhost", *options]
    log = (folder / "log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script]
        + [f"--server.port={port}", "--server.headless=true"]
        + ([f"--server.baseUrlPath={base}"] if base else [])
        + list(options),
        env={
            **kept,
            "SMOOTHCAM_DATA_FOLDER": str(folder / "data"),
            "SMOOTHCAM_DEVICE": "cpu",
            "HF_HUB_OFFLINE": "1",
            "SMOOTHCAM_PRELOAD": "false",  # many servers of tests compute nothing
            **{f"SMOOTHCAM_{name}": value for name, value in settings.items()},
        },
        cwd=folder,  # not the repository: it must start from anywhere
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=end_with_parent,
    )
    try:
        _wait_for(f"http://localhost:{port}{base}/_stcore/{until}", process, folder / "log")
        yield f"http://localhost:{port}"
        if at_rest and script == HOME and (left := jobs_left(f"http://localhost:{port}")):
            raise LeftWork(f"{left} jobs were left in the server of {folder}: wait for them, or cancel them.")
    finally:
        _end(process)
        log.close()


class Shared:
    """A server for many tests, which can be started anew at the same address, on what it has stored."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port, self._running = folder, free_port(), ExitStack()
        self.address = self._start()

    def jobs_left(self) -> int:
        """How many jobs wait or run."""
        return jobs_left(self.address)

    def renew(self) -> None:
        """Ends it, with whatever it computes, and starts it anew."""
        self.close()
        self._start()

    def close(self) -> None:
        """Ends it."""
        self._running.close()

    def _start(self) -> str:
        return self._running.enter_context(server(self._folder, at_rest=False, port=self._port))


def jobs_left(address: str) -> int:
    """How many jobs wait or run in the dashboard at that address."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=waiting.PATIENCE) as answer:
        counts = re.findall(r"^smoothcam_jobs_active\{.*\} (\S+)$", answer.read().decode(), re.MULTILINE)
    return int(sum(map(float, counts)))


def _end(process: subprocess.Popen) -> None:
    """Ends a server, and sees to it that its workers end with it."""
    try:
        below = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    process.terminate()
    try:
        process.wait(waiting.PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, left = psutil.wait_procs(below, timeout=waiting.PATIENCE)
    for each in left:
        each.kill()
    if left:
        raise LeftWork(f"{len(left)} processes of a server went on without it.")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + waiting.PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=waiting.PATIENCE):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(log.read_text(errors="replace")[-3000:]) from None
            time.sleep(0.05)


def find_chromium() -> str | None:
    """Debian's Chromium, or the one that $CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return path if path and Path(path).exists() else None
