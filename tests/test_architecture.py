"""Rules that hold the whole together."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "cache", "dashboard")
ALLOWED = {
    "core": {"core"},
    "cache": {"cache", "core.schema", "core.errors"},
    "dashboard": {"dashboard", "cache", "core"},
}
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def modules_of(names: set[str]) -> set[str]:
    """Those names that are modules or packages of this project."""
    found = set()
    for name in names:
        place = ROOT / Path(*name.split("."))
        if name.split(".")[0] in PACKAGES and (place.with_suffix(".py").is_file() or place.is_dir()):
            found.add(name)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    for name in modules_of(imported(path)):
        assert any(name == base or name.startswith(base + ".") for base in ALLOWED[package]), f"{path} imports {name}"


def test_only_families_names_model_internals():
    """`core.families` is where a new architecture is added, and nowhere else."""
    internals = re.compile(r"language_model|model\.visual|rope_deltas|get_rope_index|get_image_features|Qwen2_5_VL")
    outside = [p for p in (ROOT / "core").glob("*.py") if internals.search(p.read_text("utf-8"))]
    assert outside == []


def test_core_knows_no_streamlit_and_cache_no_torch():
    forbidden = {"core": {"streamlit", "diskcache"}, "cache": {"streamlit", "torch", "transformers"}}
    for path in MODULES:
        package = path.relative_to(ROOT).parts[0]
        roots = {name.split(".")[0] for name in imported(path)}
        assert not roots & forbidden.get(package, set()), path


def test_nothing_unsafe_is_called():
    unsafe = re.compile(
        r"pickle\.loads?\(|trust_remote_code=True|unsafe_allow_html=True|allow_pickle=True|(?<![.\w])(?:eval|exec)\("
    )
    for path in MODULES:
        assert not unsafe.search(path.read_text("utf-8")), path


def test_the_schema_and_methods_load_without_torch():
    code = "import sys, core; core.METHODS, core.ExplainRequest; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
