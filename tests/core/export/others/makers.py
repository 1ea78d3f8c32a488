"""Results whose hot regions and boxes are known."""

import numpy as np

from core.export.others.entries import Entry
from core.schema import ExplainRequest, ExplainResult, Target, gather
from core.schema.box_conventions import SeenPicture
from tests.core.analysis.boxes.answers import answer_of

TEXT = '[{"bbox_2d": [0, 0, 500, 500], "label": "a \\"cat\\" <1>"}, {"point_2d": [900, 900], "label": "nose"}]'
SIZE = 400, 200
SEEN = SeenPicture("qwen3_vl", SIZE)  # writes thousandths of the picture


def heat():
    """Two regions of a map of 4 x 5 cells: three cells that hold 0.9 of the heat, and one that holds 0.06."""
    cells = np.zeros((4, 5), np.float32)
    cells[0, 0], cells[1, 1], cells[1, 2], cells[3, 4] = 4, 3, 2, 0.6
    cells[3, 0] = 0.4
    return cells


def result_of(text=TEXT, target=None, image="a" * 64, seen=SEEN, cells=None, **changes):
    target = target or Target.answer()
    request = ExplainRequest(image=image, prompt="Where?", model="m" * 64, layers=(1,), target=target, **changes)
    values = (heat() if cells is None else cells)[None]
    answer, combined = answer_of(text), request.with_method("combined", ())
    return gather(
        [
            ExplainResult(request, answer, values * 0 + 1, values * 0, 10, 8, {}, seen=seen),
            ExplainResult(combined, answer, values, values * 0, 10, 8, {}, seen=seen),
        ]
    )


def entry_of(name="cat.png", size=SIZE, **changes):
    return Entry(result_of(**changes), name, size)
