"""Videos of questions: their frames are kept, exact or small, and read back; jobs, studies and thumbnails know them."""

import io
import json
import zipfile

import numpy as np
import pytest

from core import InputError, VideoError, load_picture
from core.engine.model_pool import ModelPool
from core.inputs.videos.clips import to_clip
from core.inputs.videos.video import Video
from dashboard.jobs.decoded import decoded, previews
from dashboard.jobs.persist import THUMBNAIL
from dashboard.jobs.runner import compute
from dashboard.jobs.stored_videos import StoredVideo, store_source, stored_video
from dashboard.jobs.studies.registry import check_study
from dashboard.jobs.videos import ChosenVideo
from tests.dashboard.watching import ignore


@pytest.fixture(autouse=True)
def forgotten():
    """Nothing that another test has decoded is remembered."""
    decoded().clear()
    previews().clear()


def test_the_frames_of_a_video_are_kept_and_come_back_exactly(film, storage):
    stored = store_source(film, storage)
    assert isinstance(stored, StoredVideo) and stored.is_exact and store_source(stored, storage) is stored
    decoded().clear()
    again = stored_video("walk.mp4", film.digest, storage)
    # Told without a frame being decoded.
    assert again.times.tolist() == [0, 0.25, 0.5, 0.75, 1.0, 1.25]
    assert (again.size, again.duration, again.reading.notes) == ((84, 56), 1.5, film.reading.notes)
    assert decoded().size == 0
    assert again.exact.digest == film.digest
    assert np.array_equal(again.exact.frames, film.exact.frames)
    assert again.preview.shape == (56, 84, 3)
    assert again.data == film.data == storage.pictures.get(film.digest)


def test_a_small_copy_is_looked_at_and_answers_nothing(film, storage, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "small")
    assert store_source(film, storage) is film  # so that it can be computed
    decoded().clear()
    copy = stored_video("walk.mp4", film.digest, storage)
    assert not copy.is_exact and len(copy.data) < len(film.data)
    decoded().clear()
    assert copy.checked().video.frames.shape == (6, 56, 84, 3)
    with pytest.raises(VideoError, match="smaller copy.*Upload the video again"):
        _ = copy.exact
    assert film.exact.digest == film.digest  # whatever others have looked at
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "exact")
    assert store_source(film, storage).is_exact


def test_a_copy_that_a_stranger_made_is_shown_for_itself_alone_and_replaced(film, storage, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "small")
    black = to_clip(Video.of(np.zeros_like(film.exact.frames), film.times, 1.5), exact=False)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(black)) as old, zipfile.ZipFile(made, "w") as new:
        new.writestr("video.json", json.dumps(json.loads(old.read("video.json")) | {"digest": film.digest}))
        for name in old.namelist()[1:]:
            new.writestr(name, old.read(name))
    imported = StoredVideo("theirs", made.getvalue(), film.digest)
    assert not imported.video.frames.any() and not imported.preview.any()
    assert film.video.frames.any() and film.preview.any()
    storage.pictures.put(film.digest, made.getvalue())
    store_source(film, storage)
    assert stored_video("walk.mp4", film.digest, storage).video.frames.any()


def test_beyond_the_limit_a_small_copy_is_kept(film, storage, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_EXACT_FRAMES_MB", "0")
    store_source(film, storage)
    assert not stored_video("walk.mp4", film.digest, storage).is_exact


def test_damaged_or_missing_frames_are_said_and_mended_by_the_next_upload(film, storage):
    decoded().clear()
    gone = stored_video("walk.mp4", film.digest, storage)
    with pytest.raises(VideoError, match="no longer stored"):
        gone.checked()
    storage.pictures.put(film.digest, film.data[:-200])
    with pytest.raises(VideoError, match="damaged"):
        stored_video("walk.mp4", film.digest, storage).checked()
    other = ChosenVideo("other.mp4", film.data, film.digest)
    assert store_source(other, storage).checked().exact.digest == film.digest


def test_the_frames_of_another_video_are_not_taken_for_these(film, storage):
    storage.pictures.put("ab" * 32, film.data)
    with pytest.raises(VideoError, match="damaged"):
        stored_video("walk.mp4", "ab" * 32, storage).checked()


def test_a_run_about_a_video_is_computed_kept_and_written_down(ask_film, storage, explainer, film):
    shown = []

    class Watched:
        def run(self, video, *arguments, **others):
            shown.append(video)
            return explainer.run(video, *arguments, **others)

    backend = ModelPool(1, load=lambda card: Watched())
    question = ask_film()
    outcome = compute(question, ignore, storage=storage, backend=backend)
    assert outcome.kept and not outcome.notices
    assert [each.digest for each in shown] == [film.digest]
    kept = storage.results.get(question.request)
    assert kept.heat.shape == (8, 3, 2, 3)
    assert kept.steps == outcome.result.steps and kept.heat.tobytes() == outcome.result.heat.tobytes()
    row = storage.runs.get(question.id)
    assert (row.picture_name, row.request["frames"]) == ("walk.mp4", 6)
    thumbnail = load_picture(row.thumbnail)
    assert THUMBNAIL // 2 < max(thumbnail.size) <= THUMBNAIL
    # A second time nothing is computed.
    assert compute(question, ignore, storage=storage, backend=backend).kept
    assert len(explainer.asked) == 1


def test_studies_that_know_no_time_refuse_in_a_sentence(ask_film, ask, explain):
    run = explain(ask_film().request)
    for name in ("trust", "heads", "prompt-words", "reliance"):
        with pytest.raises(InputError, match="not yet about a video"):
            check_study(name, run)
    check_study("words", run)
    check_study("trust", explain(ask().request))
