"""That no test sets the clock of what runs beside it."""

import re

import pytest

from tests.commands import ROOT
from tests.some import some

_OF_ALL = re.compile(r"""setattr\(\s*(?:[\w.]*\btime\s*,|["'][\w.]*\btime\.\w+["'])""")
"""What replaces something of the module itself, and not a module's name for it."""


@pytest.mark.parametrize(
    "code", ['setattr(time, "time", x)', 'setattr(jobs.time, "sleep", x)', 'setattr("jobs.time.time", x)']
)
def test_such_a_replacement_is_seen(code):
    assert _OF_ALL.search(code)


def test_every_clock_is_one_module_s():
    assert not _OF_ALL.search('setattr("jobs.time", x) and setattr(jobs, "time", x)')
    for path in some(sorted((ROOT / "tests").rglob("*.py"))):
        if path.name != "test_clocks.py":
            assert not _OF_ALL.search(path.read_text("utf-8")), f"{path.name}: use tests.clocks"
