"""A short soak: eight processes write and read while they are killed; see `tests.faults.soak` for the long one."""

import random
import re
import subprocess
import sys
from pathlib import Path

from tests.commands import found_here
from tests.faults import soak

ROOT = Path(__file__).parents[2]


def test_nothing_is_wrong_and_nothing_committed_is_lost():
    # In a process of its own: this one has threads, which forking does not like.
    command = [sys.executable, "-m", "tests.faults.soak", "--seconds", "15", "--seed", str(random.randrange(10**6))]
    done = subprocess.run(command, cwd=ROOT, env=found_here(), capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert "0 wrong, 0 lost, 0 half there, 0 unsound" in done.stdout
    assert int(done.stdout.split(" runs and ")[0].split()[-1].replace(",", "")) > 20, done.stdout
    assert int(re.search(r"(\d+) within a turn", done.stdout)[1]) > 5, done.stdout


def test_a_soak_in_which_nothing_was_committed_fails(capsys, monkeypatch):
    monkeypatch.setattr(soak, "soak", lambda *given: soak.Figures(kills=9))
    monkeypatch.setattr(sys, "argv", ["soak"])
    assert soak.main() == 1
    assert "Nothing was put to the proof: 0 runs committed, 0 reads compared, 0 of 9 kills" in capsys.readouterr().out
