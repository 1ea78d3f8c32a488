"""However little a ZIP is and whatever it unpacks to, an import takes half a gigabyte at most, and all or nothing."""

import json
import subprocess
import sys

import pytest

from tests.dashboard.export.bombs import BOMBS
from tests.waiting import PATIENCE

MOST = 2**29

SAID = {
    "nested": "more cells than can be read",
    "many": "unpacks to more than 237 MB, the most that can be read",
    "largest": "1 runs",
    "answer": "unpacks to 76 MB in one file",
    "lists": "tokens",
    "deep": "nested too deeply",
    "picture": "1 runs",
    "transparent": "1 runs",
    "deep_grey": "1 runs",
    "huge": "100 megapixels",
    "listed": "1,000,000 files",
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_import_takes_half_a_gigabyte_at_most(name, tmp_path):
    file = tmp_path / "bomb.zip"
    file.write_bytes(BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-m", "tests.dashboard.export.bombs", str(file)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert SAID[name] in found["said"] and found["kept"] == (found["said"] == "1 runs")
    assert found["peak"] <= MOST, f"{found['peak'] / 2**20:.0f} MB"
