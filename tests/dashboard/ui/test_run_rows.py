"""Past runs in tables and lists."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.ui.history import table
from dashboard.ui.run_rows import column_config, columns, label, sound_thumbnail, thumbnail_uri


@pytest.fixture
def record(stored, storage):
    """A line of the history: `record(prompt="...")`."""
    return lambda **changes: storage.runs.get(stored(**changes))


def test_a_run_is_named_by_prompt_answer_and_method(record):
    run = record(prompt="Where is\nthe red half of this long, long question?", text="right")
    assert label(run) == f"Where is the red half of this long, lon… → right · Gradient deviation · {run.run_id[:6]}"
    assert "→ (nothing) ·" in label(replace(run, answer=" \n"))
    tower = record(part="tower", layers=(0, 1))
    assert "· Gradient deviation, vision tower ·" in label(tower)


def test_every_column_has_a_value_for_each_run_and_a_title(record):
    runs = [record(prompt="one", layers=(0, 3)), record(prompt="two", num_samples=4)]
    runs[0] = replace(runs[0], created=0.0, duration=2.5, picture_name="a\nb.png")
    table = columns(runs)
    assert table["prompt"] == ["one", "two"] and table["samples"] == [10, 4]
    assert table["layers"] == [2, 8] and table["run"] == [run.run_id for run in runs]
    assert table["when"][0] == datetime(1970, 1, 1, tzinfo=UTC) and table["seconds"][0] == 2.5
    assert table["picture"] == ["a b.png", "two-halves.png"]
    assert list(table) == list(column_config()) and all(len(values) == 2 for values in table.values())


def test_how_an_answer_was_drawn_stands_in_its_row(record):
    runs = [record(), record(temperature=0.7, answer_seed=3)]
    assert columns(runs)["decoding"] == ["", "temperature 0.7, seed 3"]
    broken = replace(runs[0], request={"layers": [], "temperature": "hot", "top_p": None})
    assert columns([broken])["decoding"] == [""]


@pytest.mark.parametrize(
    ("data", "kind"), [(b"RIFF1234WEBP", "webp"), (b"\x89PNG", "png")], ids=["as stored today", "as stored before"]
)
def test_a_thumbnail_goes_into_a_table_as_what_it_is(record, data, kind):
    uri = thumbnail_uri(replace(record(), thumbnail=data))
    begin, encoded = uri.split(",")
    assert begin == f"data:image/{kind};base64" and base64.b64decode(encoded) == data


def test_a_run_without_a_thumbnail_has_an_empty_cell(record):
    assert thumbnail_uri(replace(record(), thumbnail=b"")) is None


def test_only_a_thumbnail_that_can_be_drawn_is_sound(record):
    run = record()
    assert run.thumbnail[:4] == b"RIFF" and sound_thumbnail(run) == run.thumbnail
    for damage in (b"", b"RIFF of nothing", run.thumbnail[: len(run.thumbnail) // 2], b"\x89PNG\r\n\x1a\n"):
        assert sound_thumbnail(replace(run, thumbnail=damage)) == b""


def test_a_video_says_how_many_frames_were_sampled(storage, ask_film, explain):
    result = gather([explain(part) for part in whole_run(ask_film().request)])
    run = storage.runs.get(keep(ask_film(), result, storage, seconds=1.0).id)
    assert columns([run])["picture"] == ["walk.mp4 · video, 6 frames"]
    shown = table.columns([run, replace(run, video_seconds=0.0, steps=0)])
    assert (run.video_seconds, run.steps) == (1.5, len(result.steps)) and run.steps
    assert (shown["video"], shown["steps"]) == ([1.5, None], [run.steps, None])
    assert sound_thumbnail(run)
    odd = replace(run, request={**run.request, "frames": "many"})
    assert columns([odd])["picture"] == ["walk.mp4"]
