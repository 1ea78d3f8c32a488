"""Runs about videos go from one server to another; what no export wrote is one sentence, and changes nothing."""

import io
import json
import zipfile

import numpy as np
import pytest

from core import InputError, load_picture, load_video
from core.inputs.videos.clips import to_clip
from core.inputs.videos.video import Video
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.export.bundle import bundle
from dashboard.export.bundle_reader import keep_bundle, read_bundle
from dashboard.export.parameters import parameter_rows
from dashboard.jobs.decoded import decoded
from dashboard.jobs.persist import keep
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage


@pytest.fixture
def run(ask_film, explain, storage) -> LoadedRun:
    """A stored run about a video, opened."""
    question = ask_film()
    name = keep(question, gather([explain(part) for part in whole_run(question.request)]), storage, seconds=2.0).id
    decoded().clear()
    return open_run(name)


@pytest.fixture
def elsewhere(tmp_path):
    """The storage of another server, empty."""
    return open_storage(Settings(data_folder=tmp_path / "elsewhere"))


def changed(data: bytes, part: str, content: bytes | None) -> bytes:
    """The ZIP with a file changed, or without it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if name.endswith(part):
                assert part
                if content is not None:
                    new.writestr(name, content)
            else:
                new.writestr(name, old.read(name))
    return made.getvalue()


def test_a_run_about_a_video_opens_and_says_what_was_sampled(run, film):
    assert isinstance(run, LoadedRun)
    assert run.chosen.video.digest == film.digest
    rows = parameter_rows(run)
    assert rows["Video"] == "walk.mp4, 84 × 56 pixels" and "Picture" not in rows
    assert rows["Frames"] == "6, from 0.00 to 1.25 s of 1.50 s"
    assert rows["Time steps"] == "3, of 0.50 s"


def test_it_goes_to_another_server_with_its_frames(run, film, elsewhere, monkeypatch):
    data = bundle([run])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = {name.rpartition("/")[2] for name in file.namelist()}
        assert {"video.zip", "result.npz", "result.json", "steps.csv", "overlay.png", "reproduce.sh"} <= names
        assert load_video(file.read(f"{run.id}/video.zip")).digest == film.digest
        assert load_picture(file.read(f"{run.id}/overlay.png")).size == (168, 112)
        assert "--image_path=video.zip" in file.read(f"{run.id}/reproduce.sh").decode()
        assert "video='video.zip'" in file.read(f"{run.id}/reproduce.py").decode()
    imported = keep_bundle(read_bundle(data), elsewhere)
    (name,) = imported.added
    monkeypatch.setattr(resources, "storage", lambda: elsewhere)
    decoded().clear()
    found = open_run(name)
    assert found.request.origin  # marked as imported: it answers nobody's question
    assert elsewhere.results.get(found.request.own(), counted=False) is None
    assert found.result.steps == run.result.steps
    assert found.result.heat.tobytes() == run.result.heat.tobytes()
    assert np.array_equal(found.chosen.video.frames, film.exact.frames)
    assert keep_bundle(read_bundle(data), elsewhere).known == (name,)


def test_what_no_export_wrote_is_refused_and_changes_nothing(run, elsewhere):
    data = bundle([run])
    other = Video.of(np.zeros((6, 56, 84, 3), np.uint8), np.arange(6) / 4)
    described = json.loads(zipfile.ZipFile(io.BytesIO(run.chosen.data)).read("video.json"))
    wrong = {
        "without the frames": changed(data, "video.zip", None),
        "is not the one": changed(data, "video.zip", to_clip(other)),
        "damaged": changed(data, "video.zip", run.chosen.data[:-40]),
        "are damaged": changed(data, "video.zip", changed(run.chosen.data, "frame-0003.webp", b"RIFF")),
        "more frames or pixels": changed(
            data,
            "video.zip",
            changed(run.chosen.data, "video.json", json.dumps(described | {"size": [40_000, 40_000]}).encode()),
        ),
    }
    for words, spoilt in wrong.items():
        with pytest.raises(InputError, match=words):
            keep_bundle(read_bundle(spoilt), elsewhere)
    assert elsewhere.runs.count() == 0 and not elsewhere.pictures.digests()


def test_a_small_copy_is_handed_on_as_one(ask_film, explain, storage, elsewhere, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "small")
    question = ask_film()
    name = keep(question, gather([explain(part) for part in whole_run(question.request)]), storage, seconds=2.0).id
    decoded().clear()
    data = bundle([open_run(name)])
    assert keep_bundle(read_bundle(data), elsewhere).added
    with pytest.raises(InputError, match="copy to look at"):
        load_video(zipfile.ZipFile(io.BytesIO(data)).read(f"{name}/video.zip"))
