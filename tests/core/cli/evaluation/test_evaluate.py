"""The command that measures: what it writes, and what it refuses."""

import json

from core.cli.evaluation import evaluate as command
from core.evaluation.benchmark.text_report import to_csv


def test_the_command_writes_its_table_and_figure(tmp_path, capsys):
    options = ["--scenes", "2", "--slow_scenes", "0", "--removal_scenes", "1", "--processes", "1"]
    assert command.main([*options, "--output_dir", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert told["cases"] == 2 and "tam" in told["methods"] and "gradcam" in told["removal"]
    assert (tmp_path / "out" / "evaluation.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out" / "evaluation.csv").read_text("utf-8") == to_csv(told)
    assert "a blind map points right in" in capsys.readouterr().out


def test_the_command_refuses_what_it_cannot_do(tmp_path, capsys):
    blocks = ["--part", "tower", "--scenes", "1", "--processes", "1", "--output_dir", str(tmp_path / "blocks")]
    assert command.main([*blocks, "--json"]) == 0
    told = json.loads((tmp_path / "blocks" / "evaluation.json").read_text("utf-8"))
    said = capsys.readouterr()
    assert json.loads(said.out) == told and "files are in" in said.err
    assert told["total_layers"] == 4 and "gradcam" in told["methods"] and "tam" not in told["methods"]
    assert told["removal"] == told["silence"] == {}

    assert command.main(["--scenes", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert command.main(["--scenes", "1", "--processes", "1", "--output_dir", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err
