"""The figure of a report."""

from core.evaluation.protocol.drawing import draw
from tests.core.evaluation.protocol.reports import make_report


def test_a_figure_is_drawn_in_each_format(tmp_path):
    draw(make_report(), tmp_path / "a.png", tmp_path / "a.svg")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
