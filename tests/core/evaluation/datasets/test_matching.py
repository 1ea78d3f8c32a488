from pathlib import Path

import pytest

from core.evaluation.datasets.case import Case
from core.evaluation.datasets.matching import Said, first_said, where_said


@pytest.mark.parametrize(
    ("answer", "phrases", "found"),
    [
        ("A dog runs.", ("dog",), Said("dog", 2, 5)),
        ("Two DOGS run after a dog.", ("dog", "dogs"), Said("DOGS", 4, 8)),
        ("A traffic\n light and a traffic sign.", ("traffic light",), Said("traffic\n light", 2, 16)),
        ("A dog house.", ("dog", "dog house"), Said("dog house", 2, 11)),
        ("A woman.", ("man",), None),
        ("Hundred.", ("red",), None),
        ("左上角有红色圆形。", ("红色圆形",), Said("红色圆形", 4, 8)),
        ("", ("dog",), None),
        ("A dog.", (), None),
        ("A dog.", ("", " "), None),
        ("A (dog).", ("(dog)",), Said("(dog)", 2, 7)),
    ],
)
def test_the_first_place_that_is_named(answer, phrases, found):
    assert first_said(answer, phrases) == found


def test_what_is_part_of_another_things_name_is_not_said():
    assert first_said("A hot dog.", ("dog",), ("hot dog",)) is None
    assert first_said("A hot dog for a dog.", ("dog",), ("hot dog",)) == Said("dog", 16, 19)
    assert first_said("A dog.", ("dog",), ("dog",)) == Said("dog", 2, 5)


def test_a_row_knows_its_phrases_and_what_is_beside_them():
    row = Case("row", Path("a.png"), "What?", ("dog",), None, "dog", lambda size: None, None, ("hot dog",))
    assert where_said(row, "A hot dog.") is None
    assert where_said(row, "A dog.") == Said("dog", 2, 5)
