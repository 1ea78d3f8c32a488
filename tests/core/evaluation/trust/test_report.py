"""A report as plain values, and back."""

import json
from dataclasses import replace

import pytest

from core.analysis.artefacts import Artefacts
from core.evaluation.trust.report import Findings, Report
from tests.core.evaluation.trust.reports import CURVES, GOOD


def test_a_report_is_plain_json():
    assert Report.from_dict(GOOD.to_dict()) == GOOD
    greyed = replace(GOOD, greyed=replace(CURVES, surface="pixels"))
    assert Report.from_dict(greyed.to_dict()) == greyed and len(greyed.curves) == 3
    before = {name: value for name, value in GOOD.to_dict().items() if name != "greyed"}  # as it was stored once
    assert Report.from_dict(before) == GOOD and len(GOOD.curves) == 2
    with pytest.raises(KeyError):
        Report.from_dict({"answer": "left"})


def test_what_is_measured_so_far_is_plain_json():
    found = Findings(artefacts=Artefacts(((1, 2),), 0.1), tokens=CURVES)
    assert set(found.to_dict()) == {"artefacts", "tokens"}
    assert Findings.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert Findings.from_dict({}) == Findings()
