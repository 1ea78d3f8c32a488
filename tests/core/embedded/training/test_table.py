"""The table of a checkpoint's figures: every figure once, the shipped one's beside those that it has."""

import json

from core.embedded import CHECKPOINT
from core.embedded.training.table import table

SHIPPED = ("held_out", "where"), ("held_out_clips", "appear")
FOUND = {
    "held_out": {"where": {"exact": 0.995, "tokens": 1.0}},
    "held_out_clips": {"appear": {"exact": 0.9, "tokens": 0.95}},
    "held_out_pairs": {
        **{"pairs": 300, "grammatical": 0.97, "right": 0.9, "at_limit": 2, "examples": []},
        "by_style": {"photograph": {"grammatical": 0.96, "right": 0.95}},
    },
    "pointing": {"hit": 0.8, "time": 0.75, "clips": 190, "by_kind": {"end": {"hit": 0.7, "time": 0.5, "clips": 40}}},
}


def test_figures_stand_in_rows_beside_those_of_the_shipped_checkpoint():
    record = json.loads((CHECKPOINT / "training.json").read_text("utf-8"))
    where, appear = (
        record[group][kind]["exact"] for group, kind in (("held_out", "where"), ("held_out_clips", "appear"))
    )
    rows = table(FOUND).splitlines()
    assert f"| where | {where:.1%} | 99.5% | 100.0% |" in rows and f"| appear | {appear:.1%} | 90.0% | 95.0% |" in rows
    assert "| held_out_pairs: grammatical | 97.0% |" in rows and "| held_out_pairs: at_limit | 2 |" in rows
    assert "| held_out_pairs: photograph | 96.0% grammatical, 95.0% right |" in rows
    assert "| pointing: hit | 80.0% |" in rows and "| pointing: clips | 190 |" in rows
    assert "| pointing: end | 70.0% hit, 50.0% of the heat in time |" in rows


def test_another_checkpoint_can_stand_beside():
    rows = table(FOUND, {"held_out_clips": {"appear": {"exact": 0.5}}}).splitlines()
    assert "| where |  | 99.5% | 100.0% |" in rows and "| appear | 50.0% | 90.0% | 95.0% |" in rows
