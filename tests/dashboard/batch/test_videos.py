"""Rows of a batch about videos: found, kept, computed, and gone on with by the page."""

import csv
import io
import json
from dataclasses import replace

import pytest

from cache.batches.batch import Batch, Row
from core import InputError
from core.engine.model_pool import ModelPool
from core.inputs.videos.sampling import Sampling
from dashboard.batch.folder import FolderPictures, pictures_in
from dashboard.batch.found import Found
from dashboard.batch.plan import BatchDraft, all_of, plan
from dashboard.batch.runner import COMPUTED, FAILED, STORED, BatchTools, run_rows
from dashboard.batch.summary import summary_csv
from dashboard.batch.table import read_pairs
from dashboard.jobs.decoded import decoded
from tests.core.inputs.videos import films


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
    assert draft.find("walk.mp4") == Found(film.digest, frames=6)


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


def test_a_row_says_how_its_video_is_sampled(folder, ask, card, storage, explainer):
    (folder / "two seconds.mp4").write_bytes(films.film())
    cells = ["two seconds.mp4,What?,,", "two seconds.mp4,What?,2,", "two seconds.mp4,What?,2,99", "still.png,What?,2,"]
    pairs = read_pairs("\n".join(["picture,prompt,frames,start", *cells]).encode())
    rows = plan(pairs, "", FolderPictures(folder), ask().request, 10)
    assert [row.frames for row in rows] == [4, 2, 0, 0] and rows[0].image != rows[1].image
    assert "beyond it" in rows[2].problem and "are for videos" in rows[3].problem
    tools = BatchTools(ask().request, card, storage, ModelPool(1, load=lambda card: explainer), lambda progress: None)
    decoded().clear()
    assert [ending.state for ending in run_rows(rows[:2], tools)] == [COMPUTED, COMPUTED]
    assert tools.request(rows[1]).frames == 2


def test_uploaded_videos_are_sampled_as_the_table_says(film):
    asked = Sampling(count=2)
    pairs = read_pairs(b"picture,prompt,frames\nC:\\clips\\walk.mp4,What?,2\nwalk.mp4,What?,\n")
    draft = BatchDraft(pictures={"walk.mp4": film.digest}, frames={film.digest: 6}, pairs=pairs)
    assert draft.asked_of("walk.mp4") == {asked} and not draft.asked_of("other.mp4")
    with pytest.raises(InputError, match="sampled before the table said how. Upload it once more"):
        draft.find("walk.mp4", asked)
    draft.sampled["walk.mp4", asked], draft.frames["two"], draft.sizes["two"] = "two", 2, (9, 9)
    draft.sizes[film.digest] = (4, 4)
    assert draft.find("walk.mp4", asked) == Found("two", frames=2, sampling=asked)
    assert draft.longest == (9, 9, 2)
