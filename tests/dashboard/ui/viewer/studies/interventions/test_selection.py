"""What of a picture was chosen, as browsers send it and as addresses say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import InputError
from core.analysis.regions import Region
from dashboard.language import speaking
from dashboard.ui.viewer.studies.interventions.selection import MOST_CELLS, Selection

CELLS = st.sets(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1)


@given(CELLS)
def test_cells_are_read_back_from_their_text(cells):
    selection = Selection.of_cells(list(cells))
    assert selection.cells == tuple(sorted(cells))
    assert Selection.from_text(selection.to_text()) == selection


def test_cells_in_a_row_are_written_in_short():
    selection = Selection.of_cells([(3, 4), (2, 5), (2, 3), (2, 4), (2, 8)])
    assert selection.to_text() == "3:4-6,9;4:5"


def test_a_region_is_written_as_compare_writes_it():
    selection = Selection.from_text("0.1,0.2;0.5,0.8")
    assert selection == Selection(region=Region(((0.1, 0.2), (0.5, 0.8))))
    assert selection.to_text() == "0.100,0.200;0.500,0.800"
    assert selection.removal(True, 2).keep and selection.removal(False, 2).picture == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "0.1,0.2",
        "0.1,0.2;1.5,0.8",
        "0.1,0.1;0.1,0.5",
        "1:",
        ":1",
        "0:1",
        "1:0",
        "1:3-2",
        "1:a",
        "1:2;",
        "-1:2",
        "1:2:3",
    ],
)
def test_what_names_no_part_of_a_picture_is_refused(text):
    with pytest.raises(InputError):
        Selection.from_text(text)


def test_an_address_cannot_ask_for_more_cells_than_a_map_has():
    assert len(Selection.from_text("1:1-999999999999").cells) == MOST_CELLS


def test_cells_off_the_map_are_refused():
    Selection.from_text("2:3").check((2, 3))
    with pytest.raises(InputError, match=r"^Cell 2:4 lies off the map, which has 2 rows and 3 columns\.$"):
        Selection.from_text("2:4").check((2, 3))
    with speaking("zh_Hans"), pytest.raises(InputError, match=r"^单元格 2:4 不在热力图内；热力图有 2 行、3 列。$"):
        Selection.from_text("2:4").check((2, 3))


def test_what_a_browser_sends():
    told = {"corners": [[0.25, 0], [0.50049, 1]]}
    assert Selection.told(told, (2, 3)) == Selection(region=Region(((0.25, 0.0), (0.5, 1.0))))
    assert Selection.told({"cells": [[1, 2], [0, 0], [1, 2]]}, (2, 3)).cells == ((0, 0), (1, 2))
    assert Selection.told({"cells": [[1, 2], [5, 0], [True, 0], [0.5, 0]]}, (2, 3)).cells == ((1, 2),)


@pytest.mark.parametrize(
    "told",
    [None, "cells", 3, {}, {"cells": []}, {"cells": [[9, 9]]}, {"cells": 7}, {"cells": [[1]]}, {"corners": [[0, 0]]}]
    + [{"corners": [[0, 0], ["a", 1]]}, {"corners": [[0, 0], [float("nan"), 1]]}, {"corners": [[0, 0], [2, 1]]}],
)
def test_what_no_picture_sends_chooses_nothing(told):
    assert Selection.told(told, (2, 3)) is None
