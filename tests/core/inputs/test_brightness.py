"""The choice of what becomes black and white."""

import math

import numpy as np
import pytest

from core import Brightness, InputError


@pytest.mark.parametrize("kind", ["auto", "full", "percentiles"])
def test_kinds_are_read_as_they_are_written(kind):
    assert Brightness.parse(kind) == Brightness(kind) and str(Brightness(kind)) == kind


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0..4095", 0, 4095),
        ("-1024..3071", -1024, 3071),
        (".5..1.", 0.5, 1),
        ("1e3..2e3", 1000, 2000),
        (" 1..2 ", 1, 2),
    ],
)
def test_a_range_is_two_numbers(text, low, high):
    found = Brightness.parse(text)
    assert found == Brightness("range", low, high) and Brightness.parse(str(found)) == found


@pytest.mark.parametrize(
    "text", ["", "range", "bright", "1..", "..2", "nan..1", "0..inf", "2..1", "1..1", "a..b", 7, None, b"auto"]
)
def test_what_is_no_brightness_is_said(text):
    with pytest.raises(InputError):
        Brightness.parse(text)


@pytest.mark.parametrize(
    "given",
    [
        *(("range",), ("range", 1), ("range", None, 1), ("range", "0", "1"), ("range", True, 2)),
        *(
            ("range", 0, math.inf),
            ("range", math.nan, 1),
            ("range", -1e308, 1e308),
            ("range", 0, 10**400),
            ("range", 0, 10**5000),
            ("auto", 0, 1),
            ("dark",),
            (7,),
            (None,),
            ([],),
            (np.arange(3),),
        ),
    ],
)
def test_values_of_a_wrong_kind_are_refused(given):
    with pytest.raises(InputError):
        Brightness(*given)


def test_a_long_text_is_refused_without_a_search():
    with pytest.raises(InputError, match="no brightness"):
        Brightness.parse("1" * 10**6)  # days, were it searched for two numbers
