"""The wheel, built and installed where nothing of the checkout can be found."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.processes import end_with_parent
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "cache", "dashboard")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", ".streamlit", *PACKAGES)


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and, besides, what the running one has installed, but not the checkout."""

    folder: Path
    python: Path

    @property
    def dashboard(self) -> Path:
        """Where its pages lie."""
        (found,) = self.folder.glob("lib/python*/site-packages/dashboard")
        return found

    def start(
        self,
        folder: Path,
        *arguments: object,
        output: object = subprocess.PIPE,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.Popen:
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
                **variables,
            },
            text=True,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_parent,
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


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built in an empty folder."""
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


def install(wheel: Path, folder: Path) -> Installed:
    """An environment in an empty folder, with the wheel installed."""
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
    # By PYTHONPATH pip would find the checkout, and take the wheel for installed already.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=outside)
    assert done.returncode == 0, done.stderr[-3000:]
    return environment
