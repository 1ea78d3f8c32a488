"""The command that holds every map against sinks."""

import json

from PIL import Image

from core.cli.evaluation import evaluate as command


def test_the_command_writes_tables_figure_and_gallery(tmp_path, capsys):
    options = ["--sinks", "strong", "--scenes", "2", "--processes", "1", "--output_dir", str(tmp_path)]
    assert command.main(options) == 0
    told = json.loads((tmp_path / "sinks.json").read_text("utf-8"))
    assert list(told["strengths"]) == ["plain", "strong"] and told["plan"]["scenes"] == 2
    assert [each["same_answers"] for each in told["strengths"].values()] == [2, 2]
    said = capsys.readouterr().out
    assert "combined_formula_1" in said and "sinks' share of the attention on the picture" in said
    for name in ("sinks.png", "sinks-gallery.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.width > 600


def test_another_model_and_another_strength_are_refused(tmp_path, capsys):
    options = ["--sinks", "--output_dir", str(tmp_path / "out")]
    assert command.main([*options, "--model_path", str(tmp_path)]) == 2
    assert "embedded model" in capsys.readouterr().err
