"""Rows of a batch about videos: found, kept, computed, and gone on with by the page."""

import csv
import io
import json
from dataclasses import replace

import pytest

from cache.batches.batch import Batch, Row
from core.engine.model_pool import ModelPool
from dashboard.batch.plan import BatchDraft, FolderPictures, all_of, pictures_in, plan
from dashboard.batch.runner import COMPUTED, FAILED, STORED, BatchTools, run_rows
from dashboard.batch.summary import summary_csv
from dashboard.jobs.decoded import decoded


@pytest.fixture
def folder(tmp_path, film, chosen):
    place = tmp_path / "mixed"
    place.mkdir()
    (place / "walk.mp4").write_bytes(film.data)
    (place / "still.png").write_bytes(chosen.data)
    (place / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    return place


def test_videos_and_pictures_are_rows_of_one_batch(folder, film, chosen, ask, card, storage, explainer):
    names, others = pictures_in(folder)
    assert (names, others) == (["broken.mp4", "still.png", "walk.mp4"], 0)
    template = ask().request
    rows = plan(all_of(names), "What?", FolderPictures(folder), template, 10)
    assert [(row.image, row.frames) for row in rows[1:]] == [(chosen.digest, 0), (film.digest, 6)]
    assert rows[0].problem and not rows[0].image
    tools = BatchTools(template, card, storage, ModelPool(1, load=lambda card: explainer), lambda progress: None)
    decoded().clear()
    endings = list(run_rows(rows, tools))
    assert [ending.state for ending in endings] == [FAILED, COMPUTED, COMPUTED]
    assert storage.results.get(tools.request(rows[2])).steps
    assert [ending.state for ending in run_rows(rows, tools)] == [FAILED, STORED, STORED]
    table = summary_csv(zip(endings, map(tools.request, rows), strict=True), storage.results).decode("utf-8-sig")
    told = list(csv.DictReader(io.StringIO(table)))[2]
    assert told["answer"] == "right" and float(told["normalised entropy"]) > 0


def test_a_video_that_changed_meanwhile_is_said(folder, ask, card, storage, explainer):
    rows = plan(all_of(["walk.mp4"]), "What?", FolderPictures(folder), ask().request, 10)
    (folder / "walk.mp4").write_bytes((folder / "broken.mp4").read_bytes())
    decoded().clear()
    tools = BatchTools(ask().request, card, storage, ModelPool(1, load=lambda card: explainer), lambda progress: None)
    (ending,) = run_rows(rows, tools)
    assert ending.state == FAILED and ending.problem.endswith(".")


def test_a_batch_with_videos_is_kept_and_others_keep_their_names(storage, ask, film):
    request = ask().request
    plain, moving = Row(1, "a.png", "ab" * 32, "What?"), Row(2, "walk.mp4", film.digest, "What?", frames=6)
    batch = Batch(1.0, request, (plain, moving))
    storage.batches.put(batch)
    again = storage.batches.get(batch.id)
    assert again.rows == batch.rows
    assert [each.frames for each in again.requests] == [0, 6]
    stored = json.loads((storage.batches.folder / f"{batch.id}.batch").read_text())
    assert [len(row) for row in stored["rows"]] == [5, 6]
    assert Batch(1.0, request, (replace(moving, frames=8),)).id != Batch(1.0, request, (moving,)).id


def test_uploaded_videos_are_found_with_their_frames(film):
    draft = BatchDraft(pictures={"clips/walk.mp4": film.digest}, frames={film.digest: 6})
    assert draft.find("walk.mp4") == (film.digest, None, 6)


def test_the_longest_video_is_known(folder):
    find = FolderPictures(folder)
    assert find.longest is None
    find("walk.mp4")
    assert find.longest == (84, 56, 6) and find.largest is None
    draft = BatchDraft(
        pictures={"a.png": "1", "b.mp4": "2", "c.mp4": "3"},
        sizes={"1": (30, 20), "2": (400, 300), "3": (40, 30)},
        frames={"2": 4, "3": 600, "4": 700},
    )
    assert draft.longest == (40, 30, 600) and draft.largest == (30, 20)
    assert BatchDraft(pictures={"a.png": "1"}, sizes={"1": (30, 20)}).longest is None
