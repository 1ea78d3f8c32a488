"""Home: how to begin, the latest runs, and what is stored."""

from dataclasses import replace

import pytest

from tests.dashboard.pages import sentences, texts


def test_home_says_how_to_begin(visit):
    assert "Begin with a sample scene" in sentences(visit("home"))


def test_home_shows_the_latest_runs_and_the_store(visit, stored):
    for number in range(6):
        stored(prompt=f"question {number}")
    app = visit("home")
    assert [text for text in texts(app) if text.startswith("question")] == [
        f"question {number}" for number in (5, 4, 3, 2)
    ]
    assert [metric.value for metric in app.metric][0] == "6"
    shown = [picture.proto.imgs[0].alt for picture in app.get("image")]
    assert shown == ["Overlay of the combined map, or of the run's only one"] * 4


@pytest.mark.parametrize("damage", [b"RIFF of nothing", b"\x89PNG\r\n\x1a\n", b""])
def test_a_damaged_thumbnail_costs_home_no_more_than_itself(visit, stored, storage, damage):
    run = storage.runs.get(stored())
    storage.runs.record(replace(run, thumbnail=damage))
    app = visit("home")
    assert not app.exception and not app.get("image")
    assert "Where is the red half?" in [element.value for element in app.text]
