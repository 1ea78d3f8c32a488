"""The wheel: built, installed where nothing of the checkout can be found, and run there."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import encode, gradient_picture
from tests.installation import PACKAGES, ROOT, Installed, build_wheel, install

OPTIONS = "dashboard/.streamlit/config.toml"
"""What Streamlit is told; the same file as in the checkout's root, where dashboard/.streamlit is a link to it."""

# One process for all: torch is imported once. Pages are scripts, which draw when they are imported: they are opened.
IMPORTS = """
import importlib, json, sys
print(json.dumps({name: importlib.import_module(name).__file__ for name in json.load(sys.stdin)}))
"""

PAGES = """
import json, os, sys
from pathlib import Path

os.environ["SMOOTHCAM_API"] = "true"  # without it, one page is not there

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


def files_of(folder: Path) -> set[str]:
    """Every file of the three packages, and the options of Streamlit, but no secrets that lie beside these."""
    found = {path for package in PACKAGES for path in (folder / package).rglob("*") if path.is_file()}
    names = {path.relative_to(folder) for path in found}
    shown = {str(name) for name in names if not any(part[0] == "." or part == "__pycache__" for part in name.parts)}
    return shown | ({OPTIONS} if (folder / OPTIONS).is_file() else set())


def pages() -> set[str]:
    """The scripts that are run for each visitor, as Home.py names them."""
    return set(re.findall(r'st\.Page\("([\w/]+\.py)"', (ROOT / "dashboard" / "Home.py").read_text("utf-8")))


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    return install(wheel, tmp_path_factory.mktemp("environment"))


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
