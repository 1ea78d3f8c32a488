"""Pictures that are zoomed and moved as one."""

import base64
import json

import numpy as np

from dashboard.charts.pair import Pane
from dashboard.services.open import open_run
from dashboard.ui.compare.linked_panes import painted


def _told(component) -> dict:
    return json.loads(component.proto.json or "{}")


def test_two_maps_and_their_difference_share_their_axes(visit, stored):
    names = [stored(), stored(method="gradcam")]
    app = visit("compare", runs=",".join(names), show="A against B", at="4")
    (told,) = [each for each in map(_told, app.get("bidi_component")) if "shared" in each]
    assert told["shared"] and [pane["difference"] for pane in told["panes"]] == [False, False, True]
    heats = [np.frombuffer(base64.b64decode(pane["heat"]), "<f4").reshape(2, 3) for pane in told["panes"]]
    assert np.array_equal(heats[0], open_run(names[0]).result.at(4))
    assert not heats[2].any() and told["panes"][2]["top"] == 1  # the two are alike


def test_a_difference_is_painted_red_above_zero_and_blue_below():
    grey = np.full((40, 60, 3), 128, np.uint8)
    pane = Pane("A less B", grey, np.array([[-2.0, 0.0, 2.0]]), True, "logits")
    left, middle, right = painted(pane)[20, 10].astype(int), painted(pane)[20, 30], painted(pane)[20, 50].astype(int)
    assert left[2] > left[0] + 60 and right[0] > right[2] + 60 and middle.min() > 200
    assert painted(Pane("A", grey, np.ones((1, 3)))) is grey
    blank = painted(Pane("A less A", grey, np.zeros((1, 3)), True))
    assert (blank == blank[0, 0]).all()
