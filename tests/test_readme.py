"""The README, and the pages behind it, say what is so."""

import re
from pathlib import Path

import pytest

from core import METHODS
from core.cli.commands import COMMANDS
from core.evaluation.datasets import __main__ as data_sets
from dashboard.cli import batch as batch_command
from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "README_zh.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    """A page of docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


def test_ci_runs_the_readmes_test_command():
    assert "\nbash tests/run\n" in README
    assert "\nbash tests/run\n" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_listed(name):
    assert f"| `SMOOTHCAM_{name.upper()}` |" in page("settings.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_other_setting_is_named(path):
    named = set(re.findall(r"SMOOTHCAM_([A-Z_]+)", path.read_text("utf-8")))
    assert named <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_listed(name):
    assert f"\n| `{name}` | `" in page("methods.md")


def test_every_option_named_exists():
    every = [command.make_parser() for command in COMMANDS.values()]
    parsers = (*every, *(each.build_parser() for each in (data_sets, batch_command)))
    options = {option for parser in parsers for action in parser._actions for option in action.option_strings}
    named = set(
        re.findall(
            r"`(--[a-z_-]+)", page("command-line.md") + page("batch.md") + page("evaluate.md") + page("exports.md")
        )
    )
    assert named and named <= options


def test_every_command_is_listed():
    listed = page("command-line.md").partition("## ")[0]
    assert [name for name in COMMANDS if f"`python -m core {name}`" not in listed] == []
