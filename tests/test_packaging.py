"""The wheel: built, installed where nothing of the checkout can be found, and run there."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import encode, gradient_picture
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "cache", "dashboard")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", *PACKAGES)

# One process for all: torch is imported once. Pages are scripts, which draw when they are imported: they are opened.
IMPORTS = """
import importlib, json, sys
print(json.dumps({name: importlib.import_module(name).__file__ for name in json.load(sys.stdin)}))
"""

PAGES = """
import json, sys
from pathlib import Path

import dashboard
from streamlit.testing.v1 import AppTest

seen = {}
for page in json.load(sys.stdin):
    app = AppTest.from_file(Path(dashboard.__file__).with_name("Home.py"), default_timeout=180).run()
    app.switch_page(page).run()
    words = [element.value for kind in (app.title, app.header, app.subheader, app.markdown) for element in kind]
    seen[page] = {"words": words, "problems": [problem.value for problem in app.exception]}
print(json.dumps(seen))
"""


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and, besides, what the running one has installed, but not the checkout."""

    folder: Path
    python: Path

    def start(self, folder: Path, *arguments: object, output: object = subprocess.PIPE) -> subprocess.Popen:
        """Starts its Python in a folder; nothing of the settings and paths of the tests reaches it."""
        ours = ("SMOOTHCAM_", "STREAMLIT_", "PYTHON")
        return subprocess.Popen(
            [str(self.python), *map(str, arguments)],
            cwd=folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
                "SMOOTHCAM_DATA_FOLDER": str(folder / "data"),
                "SMOOTHCAM_DEVICE": "cpu",
                "SMOOTHCAM_WORKERS": "0",
                "HF_HUB_OFFLINE": "1",
                "OMP_NUM_THREADS": "1",
            },
            text=True,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        )

    def run(self, folder: Path, *arguments: object, given: str = "", timeout: float = 60) -> str:
        """What it prints, if it ends well and in time."""
        process = self.start(folder, *arguments)
        try:
            out, error = process.communicate(given, timeout)
        finally:
            process.kill()
        assert process.returncode == 0, error[-3000:]
        return out


def files_of(folder: Path) -> set[str]:
    """Every file of the three packages; the settings of Streamlit, reached by a link, are no part of them."""
    found = {path for package in PACKAGES for path in (folder / package).rglob("*") if path.is_file()}
    names = {path.relative_to(folder) for path in found}
    return {str(name) for name in names if not any(part[0] == "." or part == "__pycache__" for part in name.parts)}


def pages() -> set[str]:
    """The scripts that are run for each visitor, as Home.py names them."""
    return set(re.findall(r'st\.Page\("([\w/]+\.py)"', (ROOT / "dashboard" / "Home.py").read_text("utf-8")))


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    # A copy: setuptools leaves a folder build/ behind, from which the next wheel takes files that are long gone.
    for name in BUILT_FROM:
        place = folder / "source" / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, place)
    # No isolation: the build backend is among the tests' requirements, so nothing is fetched here.
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--quiet", "--wheel-dir", str(folder), str(folder / "source")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-3000:]
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=PATIENCE)
    environment = Installed(folder, folder / "bin" / "python")
    # What the project depends on is borrowed. Files *.pth are read in the environment's own folder alone, so the one
    # by which `pip install -e .` leads to the checkout is not: without the wheel, nothing of the project is there.
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text("\n".join(borrowed) + "\n", "utf-8")
    without = environment.start(folder, "-c", "import streamlit, core").communicate(timeout=PATIENCE)
    assert "No module named 'core'" in without[1]
    command = [sys.executable, "-m", "pip", "--python", str(environment.python), "install"]
    command += ["--no-deps", "--no-index", "--quiet", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-3000:]
    return environment


def test_every_folder_of_modules_is_a_package():
    """One without __init__.py is left out of the wheel, and nothing says so."""
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == files_of(ROOT)


def test_every_module_is_imported_from_where_it_is_installed(installed, tmp_path):
    (place,) = installed.folder.glob("lib/python*/site-packages")
    files = {file for file in files_of(place) if file.endswith(".py")}
    scripts = {f"dashboard/{page}" for page in pages()}
    assert scripts < files
    names = sorted(map(module_of, files - scripts))
    found = json.loads(installed.run(tmp_path, "-c", IMPORTS, given=json.dumps(names)))
    assert {name: str(Path(file).resolve().relative_to(place.resolve())) for name, file in found.items()} == {
        module_of(file): file for file in files - scripts
    }


def test_the_command_line_explains_itself_and_a_picture(installed, tmp_path):
    assert "--image_path" in installed.run(tmp_path, "-m", "core", "--help")
    (tmp_path / "drawn.png").write_bytes(encode(gradient_picture(112, 112), "PNG"))
    options = ["--image_path", "drawn.png", "--prompt", "What is there?", "--mode", "single", "--layer", "4"]
    quick = ["--num_samples", "2", "--max_new_tokens", "4", "--output_dir", "out"]
    installed.run(tmp_path, "-m", "core", *options, *quick)
    with np.load(tmp_path / "out" / "single" / "result.npz", allow_pickle=False) as archive:
        assert archive["layers"].tolist() == [4] and np.isfinite(archive["heat"]).all() and archive["heat"].any()
    told = json.loads((tmp_path / "out" / "single" / "result.json").read_text("utf-8"))
    assert told["answer"].strip()


def test_every_page_opens(installed, tmp_path):
    wanted = sorted(pages())
    seen = json.loads(installed.run(tmp_path, "-c", PAGES, given=json.dumps(wanted)).splitlines()[-1])
    assert sorted(seen) == wanted
    for page, shown in seen.items():
        assert shown["problems"] == [] and any(words.strip() for words in shown["words"]), page


def test_the_dashboard_is_served(installed, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    (home,) = installed.folder.glob("lib/python*/site-packages/dashboard/Home.py")
    # The settings that the checkout has for Streamlit are no part of the wheel: what matters here is given.
    options = ["--server.address=127.0.0.1", "--server.headless=true", "--server.scriptHealthCheckEnabled=true"]
    options += ["--browser.gatherUsageStats=false", f"--server.port={port}"]
    with (tmp_path / "log").open("w") as log:
        process = installed.start(tmp_path, "-m", "streamlit", "run", home, *options, output=log)
        try:
            # Runs the first page as a visitor would, and tells of what goes wrong in it.
            address = f"http://127.0.0.1:{port}/_stcore/script-health-check"
            assert answer_of(address, process, tmp_path / "log") == "ok"
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)


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
