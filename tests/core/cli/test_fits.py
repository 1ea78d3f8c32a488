import json
from pathlib import Path

import pytest

from core.cli.explain import main
from core.memory.what_fits import table
from tests.some import some

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


def test_machines_are_told_the_same(capsys):
    assert main(["fits", "--cards", "16", "80", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = [line.strip("| ").split(" | ") for line in table(cards=[16, 80]).splitlines()[2:]]
    for row, (model, stored, size, *cells) in zip(some(told), wanted, strict=True):
        assert row["model"] == model and f"{row['bytes'] / 1e9:.1f} GB" == size
        assert stored == {16: "bfloat16"}.get(row["bits"], f"{row['bits']} bits")
        assert [card["gib"] for card in row["cards"]] == [16, 80]
        for card, cell in zip(row["cards"], cells, strict=True):
            star = " *" if card["recompute"] else ""
            assert cell == (f"{card['samples']}{star}" if card["samples"] else "–")
