"""A report as plain values, and back."""

from dataclasses import replace

import pytest

from core.evaluation.trust.report import Report
from tests.core.evaluation.trust.reports import CURVES, GOOD


def test_a_report_is_plain_json():
    assert Report.from_dict(GOOD.to_dict()) == GOOD
    greyed = replace(GOOD, greyed=replace(CURVES, surface="pixels"))
    assert Report.from_dict(greyed.to_dict()) == greyed and len(greyed.curves) == 3
    before = {name: value for name, value in GOOD.to_dict().items() if name != "greyed"}  # as it was stored once
    assert Report.from_dict(before) == GOOD and len(GOOD.curves) == 2
    with pytest.raises(KeyError):
        Report.from_dict({"answer": "left"})
