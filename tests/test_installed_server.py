"""The server of an installed copy: as safe as that of the checkout, wherever it is started from."""

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.installation import Installed, build_wheel, install
from tests.visitors import Visitor
from tests.waiting import PATIENCE

LOOSE = """
[server]
address = "0.0.0.0"
enableXsrfProtection = false
enableCORS = false
[client]
showErrorDetails = "full"
disableDataExport = false
toolbarMode = "developer"
[browser]
gatherUsageStats = true
[runner]
magicEnabled = true
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Installed:
    wheel = build_wheel(tmp_path_factory.mktemp("build"))
    return install(wheel, tmp_path_factory.mktemp("environment"))


@contextmanager
def served(
    installed: Installed, folder: Path, *options: str, pages: Path | None = None, **variables: str
) -> Iterator[tuple[subprocess.Popen, str]]:
    """A server as it is installed, or one with other pages, started in a folder: its process and its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    home = (pages or installed.dashboard) / "Home.py"
    arguments = ["-m", "streamlit", "run", home, f"--server.port={port}", "--server.headless=true", *options]
    with (folder / "log").open("w") as log:
        process = installed.start(folder, *arguments, output=log, variables=variables)
        try:
            # Runs the first page as a visitor would, and tells of what goes wrong in it.
            address = f"http://127.0.0.1:{port}"
            assert answer_of(f"{address}/_stcore/script-health-check", process, folder / "log") == "ok"
            yield process, address
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)


def listens_on(process: subprocess.Popen) -> set[str]:
    """The addresses on which a process, or one that it has started, takes connections."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return {each.laddr.ip for one in family for each in one.net_connections("tcp") if each.status == "LISTEN"}


@pytest.fixture
def lured(tmp_path) -> Path:
    """A folder with options of somebody who wants the server open, and a module that they want run."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(LOOSE)
    (tmp_path / "diskcache.py").write_text("open('planted', 'w')")
    return tmp_path


def test_the_dashboard_is_served_to_this_machine_alone_wherever_it_is_started(installed, lured):
    with served(installed, lured) as (process, address):
        assert listens_on(process) == {"127.0.0.1"}
        assert not (lured / "planted").exists()
        visitor = Visitor(address)
        assert visitor.open().problems == []
        assert visitor.options.disable_data_export and not visitor.options.gather_usage_stats
        assert visitor.options.toolbar_mode == visitor.options.ToolbarMode.MINIMAL
        visitor.close()


def test_what_goes_wrong_stays_in_the_log_of_an_installed_copy(installed, lured):
    pages = lured / "copy" / "dashboard"
    shutil.copytree(installed.dashboard, pages)
    (pages / "app_pages" / "history.py").write_text("'magic words'\nraise RuntimeError('a path of the server')\n")
    with served(installed, lured, pages=pages) as (_, address):
        visitor = Visitor(address)
        seen = visitor.open("history")
        visitor.close()
    assert len(seen.problems) == 1 and "a path of the server" not in str(seen)
    assert "magic words" not in str(seen)
    assert "a path of the server" in (lured / "log").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "variables"), [(["--server.address=0.0.0.0"], {}), ([], {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"})]
)
def test_whoever_runs_it_may_say_that_it_listens_elsewhere(installed, tmp_path, options, variables):
    with served(installed, tmp_path, *options, **variables) as (process, _):
        assert listens_on(process) == {"0.0.0.0"}


def test_without_its_options_it_does_not_start(installed, tmp_path):
    """A copy made by hand, say, in which they are missing."""
    shutil.copytree(installed.dashboard, tmp_path / "dashboard", ignore=shutil.ignore_patterns(".streamlit"))
    arguments = ["-m", "streamlit", "run", tmp_path / "dashboard" / "Home.py", "--server.headless=true"]
    process = installed.start(tmp_path, *arguments, "--server.port=0")
    said = "".join(process.communicate(timeout=PATIENCE))
    assert process.returncode != 0 and "listen on every network" in said and "Traceback" not in said


def answer_of(address: str, process: subprocess.Popen, log: Path) -> str:
    """What a server that is just starting answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as response:
                return response.read().decode()
        except urllib.error.HTTPError as error:
            return f"{error.code}: {error.read().decode()}"
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8")[-3000:])
