"""What is drawn over a run's maps."""

from dashboard.services.open import open_run
from dashboard.ui.viewer.maps import drawn_boxes, has_boxes
from tests.dashboard.pages import viewer_head


def test_boxes_that_have_a_place_are_sent_to_the_viewer(visit, stored):
    label = "<b>right</b>\u202e" + "x" * 60
    text = '[{"bbox_2d": [112, 0, 224, 140], "label": "%s"}, {"bbox_2d": [900, 0, 999, 9]}, {"point_2d": [56, 70]}]'
    name = stored(text % label)
    run = open_run(name)
    assert has_boxes(run.result)
    first, third = drawn_boxes(run.result)
    assert first["number"] == 1 and first["corners"] == (0.5, 0.0, 1.0, 1.0)
    assert first["label"].startswith("<b>right</b>") and len(first["label"]) == 40 and "\u202e" not in first["label"]
    assert third == {"number": 3, "label": "", "corners": (0.25, 0.5)}
    sent = viewer_head(visit("compute", run=name))["boxes"]
    assert [box["number"] for box in sent] == [1, 3] and sent[0]["corners"] == [0.5, 0.0, 1.0, 1.0]


def test_other_answers_send_none(visit, stored):
    name = stored()
    assert not has_boxes(open_run(name).result) and viewer_head(visit("compute", run=name))["boxes"] == []
