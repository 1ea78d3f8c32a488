"""Bars on a terminal."""

from core.cli.terminal.progress_bar import ProgressBar
from core.schema import Progress


def test_a_bar_for_each_phase(capsys):
    with ProgressBar() as bar:
        bar.show(Progress("fetch", 0, 2_500_000))
        bar.show(Progress("fetch", 2_500_000, 2_500_000))
        bar.show(Progress("answer", 3, 8))
        bar.show(Progress("samples", 1, 2))
        bar.show(Progress("samples", 2, 2))
    said = capsys.readouterr().err
    assert "fetch: 100%" in said and "2.50M/2.50M" in said
    assert "answer:" in said and "3/8" in said and "samples: 100%" in said and "2/2" in said


def test_nothing_is_said_where_nothing_is_told(capsys):
    with ProgressBar():
        pass
    assert capsys.readouterr().err == ""
