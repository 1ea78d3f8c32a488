"""`python -m core evaluate --data`: what it writes, prints and refuses."""

import json

import pytest

from core.cli.evaluation import evaluate as command
from core.cli.evaluation.evaluate_data import plan_of
from core.errors import InputError
from core.evaluation.datasets.convert import write
from core.evaluation.protocol.plan import USUAL
from core.evaluation.protocol.report import read_report


def test_the_command_measures_writes_goes_on_and_shares(tmp_path, capsys):
    write(tmp_path / "data", "csv", 2)
    (tmp_path / "server" / "results").mkdir(parents=True)
    given = ["--data", str(tmp_path / "data"), "--methods", "combined", "tam", "--removal_scenes", "0"]
    given += ["--out", str(tmp_path / "out"), "--device", "cpu"]
    assert command.main(given) == 0
    said = capsys.readouterr()
    assert "2 objects on 2 pictures measured, of 2 rows." in said.out and "Published, other pictures:" in said.out
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".json", ".csv", ".png", ".svg", ".jsonl"}
    before = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert set(before["methods"]) == {"combined", "tam"}

    assert command.main([*given, "--json", "--share", str(tmp_path / "server")]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == before and "measured: 100%" in said.err
    (shared,) = (tmp_path / "server" / "evaluations").iterdir()
    assert read_report(shared.read_bytes())["key"] == before["key"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--data", "nowhere"], "nowhere"),
        (["--synonyms", "a.json"], "--synonyms belongs to --data"),
        (["--data", "DATA", "--layers", "deep"], "--layers takes"),
        (["--data", "DATA", "--layers", "99"], "There is no layer 99"),
        (["--data", "DATA", "--workers", "0"], "number of workers"),
        (["--data", "DATA", "--share", "nowhere"], "no server's data folder"),
        (["--data", "DATA", "--out", "DATA/rows.csv"], "cannot be written"),
    ],
)
def test_the_command_refuses_in_a_sentence(tmp_path, capsys, given, why):
    write(tmp_path / "data", "csv", 1)
    given = [each.replace("DATA", str(tmp_path / "data")) for each in given]
    options = ["--methods", "combined", "--removal_scenes", "0"] if "--data" in given else []
    out = [] if "--out" in given else ["--out", str(tmp_path / "out")]
    assert command.main([*given, *options, *out, "--device", "cpu"]) == 2
    said = capsys.readouterr().err
    assert why in said and "Traceback" not in said


def test_options_become_a_plan():
    def plan(*given: str):
        return plan_of(command.build_parser().parse_args(["--data", "x", *given]))

    assert plan().noise_std == 0.0 and plan().layers == "half" and plan().max_pixels == USUAL
    assert plan("--noise-samples", "4").noise_std == 0.15 and plan("--max-pixels", "off").max_pixels is None
    assert plan("--layers", "3", "5").layers == (3, 5) and plan("--layers", "all").layers == "all"
    with pytest.raises(InputError, match="--layers takes"):
        plan("--layers", "3", "deep")
