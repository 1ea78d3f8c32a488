from pathlib import Path

import pytest

from core.cli.explain import main
from core.memory.what_fits import table

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "operation.md"


def test_the_document_holds_what_the_command_prints(capsys):
    assert main(["fits"]) == 0
    printed = capsys.readouterr().out
    assert printed == table() + "\n" and printed in DOCUMENT.read_text("utf-8")


def test_other_runs_and_cards(capsys):
    assert main(["fits", "--visual", "300", "--cards", "12", "32"]) == 0
    assert "| 12 GB | 32 GB |" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["fits", "--samples", "0"])
