"""A report as a table and as CSV, with published figures beside it."""

import csv
import io

from core.evaluation.protocol.figures import MEASURES, REMOVAL, SHORT, WORD_MEASURES
from core.evaluation.protocol.published import PUBLISHED
from core.evaluation.protocol.table import COLUMNS, rows_of, text, to_csv
from tests.core.evaluation.protocol.reports import make_report
from tests.some import some


def test_every_figure_has_a_column_and_a_head():
    assert set(COLUMNS) == {*MEASURES, *WORD_MEASURES, *REMOVAL} == set(SHORT)
    assert all(set(each.figures) <= set(COLUMNS) and each.source and each.setting for each in some(PUBLISHED))


def test_rows_are_maps_with_the_areas_of_the_middle_one():
    rows = {(name, layer): figures for name, layer, _cases, figures in rows_of(make_report())}
    assert list(rows) == [
        ("combined", None),
        ("gradcam", 2),
        ("gradcam", 4),
        ("uniform", None),
        ("the true mask", None),
    ]
    assert "deletion" in rows["gradcam", 4] and "deletion" not in rows["gradcam", 2]
    assert "f1_iou" in rows["combined", None] and "f1_iou" not in rows["gradcam", 2]
    assert set(rows["the true mask", None]) == set(REMOVAL)


def test_the_table_says_what_was_left_out_and_what_is_published():
    told = text(make_report())
    assert "30 objects on 9 pictures measured, of 50 rows." in told
    assert "12 objects (28.6%) are left out: the answer never names them." in told
    assert "8 rows cannot be used." in told and "line 3: Its mask is empty." in told
    assert "Published, other pictures:" in told and "0.632" in told and "arXiv:2506.23270" in told
    (line,) = [line for line in told.splitlines() if line.startswith("combined")]
    assert line.split() == ["combined", "30", *["0.800"] * 7, *["0.400"] * 2, "0.800", *["0.400"] * 2, *["0.500"] * 2]


def test_csv_holds_every_figure_once_and_says_whose_it_is():
    rows = list(csv.DictReader(io.StringIO(to_csv(make_report()))))
    ours = [row for row in rows if not row["source"]]
    # Four maps with every measure of a map, words of one, areas of three.
    assert len(ours) == 4 * len(MEASURES) + len(WORD_MEASURES) + 3 * len(REMOVAL)
    assert len(rows) - len(ours) == sum(len(each.figures) for each in PUBLISHED)
    assert all(row["source"].startswith("published, other pictures: ") for row in some(rows[len(ours) :]))
    assert {row["mean"] for row in ours if row["map"] == "gradcam" and row["figure"] == "auc"} == {"0.3"}
