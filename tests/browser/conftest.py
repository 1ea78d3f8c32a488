"""A real server on a data folder of its own, and a real Chromium in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90_000
"""Milliseconds until something is taken to be missing: loading torch on a busy machine is slow."""


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    """Where the server of most tests listens."""
    with server(tmp_path_factory.mktemp("server")) as at:
        yield at


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server that begins with an empty data folder and knows no settings but those given here."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMOOTHCAM_", "STREAMLIT_"))}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", ROOT / "dashboard" / "Home.py"]
        + [f"--server.port={port}", "--server.headless=true"],
        env={
            **kept,
            "SMOOTHCAM_DATA_FOLDER": str(folder / "data"),
            "SMOOTHCAM_DEVICE": "cpu",
            "HF_HUB_OFFLINE": "1",
        },
        cwd=folder,  # not the repository: it must start from anywhere
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/script-health-check", process, folder / "log")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The server did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.2)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that $CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path or not Path(path).exists():
        reason = "There is no Chromium: install Debian's package chromium, or name one in $CHROMIUM."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium, address) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody new: `visitor("/compute")`."""
    contexts: list[BrowserContext] = []

    def open_page(path: str) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(path if path.startswith("http") else address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
