"""What interventions found, as plain values."""

import json
import math

import pytest

from core.analysis.regions import Region
from core.errors import InputError
from core.interventions.report import Intervention, TokenChange, WhatIf, check_fills

CHANGES = (TokenChange("red", 0.5, 0.125), TokenChange(" box", 1.0, 0.5))
REMOVED = Intervention("blur", "none", True, CHANGES, math.log(0.5), math.log(0.0625))


@pytest.mark.parametrize(
    ("region", "cells"), [(Region(((0.125, 0.1), (0.5, 0.7))), ()), (None, ((0, 1), (2, 3)))], ids=["region", "cells"]
)
def test_what_if_comes_back_from_json(region, cells):
    report = WhatIf(region, cells, True, 1, 0.25, "red", (REMOVED,), "a red box")
    assert WhatIf.from_dict(json.loads(json.dumps(report.to_dict()))) == report
    assert report.changed == 1


def test_fills_are_named_once_and_known():
    assert check_fills(["mean", "blur", "mean"]) == ("mean", "blur")
    assert check_fills("noise") == ("noise",)
    for wrong, sentence in (("black", "no fill called 'black'"), ([], "No fill was chosen")):
        with pytest.raises(InputError, match=sentence):
            check_fills(wrong)
