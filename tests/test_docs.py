"""The documentation holds together: its links lead somewhere, and what it names in the code is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
PAGES = [ROOT / "README.md", ROOT / "README_zh.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
LONGEST_README = 150
"""Lines: what somebody reads who has never seen this before."""

of_each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def prose(path: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)


def anchors(path: Path) -> set[str]:
    """What a link can name within a page: its headings, as they are turned into anchors."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README


@of_each_page
def test_every_link_and_picture_is_there(path):
    for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", prose(path)):
        name, _, anchor = target.partition("#")
        there = path if not name else (path.parent / name).resolve()
        assert there.exists() and there.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(there), target


def test_every_page_is_in_the_index():
    index = INDEX.read_text("utf-8")
    assert all(f"({page.name})" in index for page in DOCS.glob("*.md") if page != INDEX)


@of_each_page
def test_every_file_of_the_code_that_is_named_is_there(path):
    text = path.read_text("utf-8")
    named = re.findall(r"(?<![\w/.])((?:core|cache|dashboard|tests)/[\w/]+\.(?:py|css|js))", text)
    named += re.findall(r"`((?:core|cache|dashboard|tests)/(?:[\w/]+/)?)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_package_stands_in_the_architecture():
    modules = [path for top in ("core", "cache", "dashboard") for path in (ROOT / top).rglob("*.py")]
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in modules if path.parent.parent != ROOT}
    listed = re.findall(r"^\| `([\w/]+/)` \|", (DOCS / "architecture.md").read_text("utf-8"), re.M)
    assert packages == set(listed) and len(listed) == len(set(listed))


@of_each_page
def test_every_name_of_the_code_that_is_told_with_its_file_stands_there(path):
    """`Name` in `core/some/file.py`, and `core.some.file.Name`."""
    text = path.read_text("utf-8")
    told = re.findall(r"`(\w+)`\s+in\s+`((?:core|cache|dashboard)/[\w/]+\.py)`", text)
    for dotted in re.findall(r"`((?:core|cache|dashboard)(?:\.\w+)+)`", text):
        place, *names = dotted.split(".")
        while names and ((ROOT / place / names[0]).is_dir() or (ROOT / place / f"{names[0]}.py").is_file()):
            place = f"{place}/{names.pop(0)}"
        if names:
            told.append((names[0], f"{place}.py" if (ROOT / f"{place}.py").is_file() else f"{place}/__init__.py"))
    for name, place in told:
        assert re.search(rf"\b{name}\b", (ROOT / place).read_text("utf-8")), f"{name} in {place}"
