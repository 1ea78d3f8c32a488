"""Runs go from one server to another and come back the same; what is not an export changes nothing."""

import io
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cache import Change
from cache.results.provenance import with_origin
from core import InputError
from core.export.budget import Budget, Limits
from core.export.npz_reader import LIMITS, from_npz
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.export import bundle as bundles
from dashboard.export import bundle_reader as importing
from dashboard.export.bundle import bundle
from dashboard.export.bundle_reader import keep_bundle, read_bundle
from dashboard.services.open import open_run
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage


@pytest.fixture
def elsewhere(tmp_path):
    """The storage of another server, empty."""
    return open_empty(tmp_path / "elsewhere")


def open_empty(folder):
    return open_storage(Settings(data_folder=folder))


def same(left, right):
    assert (left.request, left.answer, left.num_samples) == (right.request, right.answer, right.num_samples)
    assert (left.total_layers, left.timings) == (right.total_layers, right.timings)
    assert left.heat.tobytes() == right.heat.tobytes()
    assert left.squared_deviation.tobytes() == right.squared_deviation.tobytes()


def nothing_in(storage):
    empty = storage.runs.count() == storage.runs.trashed() == len(storage.pictures.digests()) == 0
    return empty and not any(storage.results.counts().values())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    heat=arrays(np.float32, (8, 2, 3), elements=st.floats(0, 2.0**100, width=32)),
    prompt=st.text(min_size=1, max_size=30).filter(str.strip),
    noise=st.sampled_from([0.0, 0.15]),
    written=st.tuples(st.text(max_size=20), st.text(max_size=40), st.integers(0, 5)),
)
def test_export_then_import_on_an_empty_server_is_the_same(exported, storage, tmp_path, heat, prompt, noise, written):
    run = exported(heat, prompt=prompt, noise_std=noise, num_samples=3)
    title, note, rating = written
    storage.runs.write([run.id], Change(title=title, note=note, rating=rating, add_tags=("paper",)))
    run = replace(run, record=storage.runs.get(run.id))
    shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
    other = open_empty(tmp_path / "elsewhere")
    (name,) = keep_bundle(read_bundle(bundle([run])), other).added
    row = other.runs.get(name)
    assert name != run.id and len(row.origin) == 64 and other.results.get_all(whole_run(run.request)) is None
    stored = other.results.get_all(whole_run(ExplainRequest.from_dict(row.request)))
    here = storage.results.get_all(whole_run(run.request))
    same(with_origin(stored, ""), here)
    same(with_origin(stored, "").of("combined"), here.of("combined"))
    assert other.pictures.get(run.request.image) == run.chosen.data
    assert {name: getattr(row, name) for name in ("prompt", "answer", "title", "note", "rating", "duration")} == {
        name: getattr(run.record, name) for name in ("prompt", "answer", "title", "note", "rating", "duration")
    }
    assert (row.created, row.picture_name, row.model_name) == (run.record.created, run.record.picture_name, "embedded")
    assert row.tags == ("paper",) and row.request == {**run.record.request, "origin": row.origin}
    storage.runs.delete(run.id)


def test_what_is_here_already_stays_as_it_is(exported, storage):
    run, other = exported(prompt="one?"), exported(prompt="two?")
    file = bundle([run, other])
    storage.runs.write([run.id], Change(note="mine"))
    storage.runs.write([other.id], Change(trash=True))
    done = keep_bundle(read_bundle(file), storage)
    assert done.added == () and set(done.known) == {run.id, other.id}
    assert storage.runs.get(run.id).note == "mine" and storage.runs.get(other.id).deleted is None


def test_several_runs_share_a_picture_and_a_zip_of_one_run_is_read_too(exported, elsewhere):
    from dashboard.ui.viewer import exports
    from dashboard.ui.viewer.view import View

    runs = [exported(prompt=f"{number}?", num_samples=2) for number in range(3)]
    assert len(keep_bundle(read_bundle(bundle(runs)), elsewhere).added) == 3
    assert len(elsewhere.pictures.digests()) == 1
    one = exported(prompt="alone?")
    (name,) = keep_bundle(read_bundle(exports.archive(one, View(layer=0))), elsewhere).added
    assert elsewhere.runs.get(name).prompt == "alone?"


def test_folder_names_decide_nothing(exported, elsewhere):
    run = exported()
    renamed = rezip(bundle([run]), rename=lambda name: f"my runs/{name.replace(run.id, 'f' * 16)}")
    done = keep_bundle(read_bundle(renamed), elsewhere)
    assert done == keep_bundle(read_bundle(renamed), open_empty(elsewhere.folder.parent / "third"))
    assert keep_bundle(read_bundle(bundle([run])), elsewhere).known == done.added


def rezip(data, rename=lambda name: name, change=lambda name, value: value):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            value = change(member.filename, old.read(member))
            if value is not None:
                new.writestr(rename(member.filename), value)
    return out.getvalue()


def changed(part, value):
    return lambda data: rezip(data, change=lambda name, old: value if name.endswith(part) else old)


def objects(data):
    numbers = io.BytesIO()
    np.savez(numbers, heat=np.array([{}], object))
    return changed("result.npz", numbers.getvalue())(data)


def swollen(data):
    """An NPZ whose array unpacks to more than any result has."""
    numbers = io.BytesIO()
    with zipfile.ZipFile(numbers, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("heat.npy", bytes(LIMITS.single + 1))
    return changed("result.npz", numbers.getvalue())(data)


def notes(**changes):
    def harm(data):
        def change(name, old):
            return json.dumps(json.loads(old) | changes).encode() if name.endswith("history.json") else old

        return rezip(data, change=change)

    return harm


OTHER_PICTURE = b"P6 2 2 255 " + bytes(12)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda data: b"", "damaged"),
        (lambda data: b"PK" + bytes(99), "damaged"),
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: data.replace(b"<svg", b"").replace(b"\x89PNG", b"\x00PNG"), "damaged"),
        (lambda data: rezip(data, rename=lambda name: f"../{name}"), "outside its own folder"),
        (lambda data: rezip(data, rename=lambda name: f"/etc/{name}"), "outside its own folder"),
        (changed("result.npz", None), "no run that can be read"),
        (changed("result.npz", b"no numbers"), "damaged"),
        (objects, "Python objects"),
        (swollen, "result.npz unpacks to"),
        (changed("picture.png", None), "without its picture"),
        (changed("picture.png", b"no picture"), "not a picture"),
        (changed("history.json", b"[" * 99), "cannot be read"),
        (changed("history.json", b"[]"), "cannot be read"),
        (notes(rating=99), "rating"),
        (notes(note="x" * 99_999), "99,999"),
        (notes(tags=5), "cannot be read"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_written(exported, elsewhere, harm, words):
    file = harm(bundle([exported(prompt="good?"), exported(prompt="bad?")]))
    with pytest.raises(InputError, match=rf"^[^\n]*{words}[^\n]*\.$"):
        keep_bundle(read_bundle(file), elsewhere)
    assert nothing_in(elsewhere)


def test_another_picture_than_the_numbers_are_about_is_refused(exported, elsewhere):
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (84, 56), "green").save(data, "PNG")
    with pytest.raises(InputError, match="is not the one that its numbers are about"):
        read_bundle(changed("picture.png", data.getvalue())(bundle([exported()])))


def test_too_many_runs_are_refused(exported, monkeypatch):
    monkeypatch.setattr(importing, "MOST_RUNS", 1)
    with pytest.raises(InputError, match="2 runs; at most 1"):
        read_bundle(bundle([exported(prompt="one?"), exported(prompt="two?")]))


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"cells": 200}, "cells"), ({"pixels": 84 * 56}, "megapixels"), ({"free": 37_000, "ratio": 0}, "unpacks to")],
)
def test_one_budget_is_for_all_runs_and_what_exceeds_it_keeps_none(exported, elsewhere, monkeypatch, limits, words):
    one, both = bundle([exported(prompt="one?")]), bundle([exported(prompt="one?"), exported(prompt="two?")])
    monkeypatch.setattr(importing, "Budget", lambda packed: Budget(packed, Limits(**limits)))
    with pytest.raises(InputError, match=words):
        keep_bundle(read_bundle(both), elsewhere)
    assert nothing_in(elsewhere)
    assert keep_bundle(read_bundle(one), elsewhere).added


def test_runs_are_read_one_at_a_time(exported, elsewhere, monkeypatch):
    data = bundle([exported(prompt=f"{number}?") for number in range(3)])
    steps, read, keep = [], importing._read, importing._keep
    monkeypatch.setattr(importing, "_read", lambda *arguments: steps.append("read") or read(*arguments))
    monkeypatch.setattr(importing, "_keep", lambda *arguments: steps.append("keep") or keep(*arguments))
    told = []
    runs = read_bundle(data, lambda *done: told.append(done))
    assert steps == ["read"] * 3
    keep_bundle(runs, elsewhere, on_progress=lambda *done: told.append(done))
    assert steps == ["read"] * 3 + ["read", "keep"] * 3
    assert told == [(done, 6) for done in range(1, 7)]


def test_notes_of_another_version_are_taken_as_far_as_they_go(exported, elsewhere):
    run = exported()
    file = notes(created="soon", duration=-1, model_name=None)(bundle([run]))
    with pytest.raises(InputError):
        read_bundle(file)
    file = notes(created=1e99, duration=-1, unknown=[1])(bundle([run]))
    (name,) = keep_bundle(read_bundle(file), elsewhere).added
    assert elsewhere.runs.get(name).duration == 0 and elsewhere.runs.get(name).created < 1e12


def test_history_exports_what_is_selected_and_imports_it(visit, stored, storage, monkeypatch, wait_until):
    import streamlit as st

    from dashboard.services import open

    names = [stored(prompt="one?"), stored(prompt="two?")]
    app = visit("history")
    table = next(table for table in app.dataframe if table.key)
    app.session_state[table.key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    (button,) = [one for one in app.get("download_button") if one.proto.label == "Export"]
    assert not button.proto.disabled
    file = bundle([open.open_run(name) for name in names])
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(storage.folder) + "-2")
    st.cache_resource.clear()
    app = visit("history")
    app.file_uploader(key="import-0").upload("cam.zip", file).run()
    app.button(key="import-runs").click().run()
    said = []
    wait_until(lambda: said.extend(each.value for each in app.success) or said or not app.run())
    assert not app.exception and not app.error and "2 runs imported" in said[0]
    assert sorted(resources.storage().runs.overview.recent_prompts(9)) == ["one?", "two?"]
    app.file_uploader(key="import-1").upload("bad.zip", b"no zip").run()
    app.button(key="import-runs").click().run()
    wait_until(lambda: app.error or not app.run())
    assert ["damaged, cut off" in error.value for error in app.error] == [True]


def test_an_export_comes_back_on_another_server(stored_all, tmp_path, monkeypatch, pictures):
    run = open_run(stored_all())
    data = bundles.bundle([run.of_picture(1)])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = {name.split("/")[1] for name in file.namelist() if "/" in name}
        assert {"picture-1.png", "picture-2.png", "picture-3.png", "overlay-1.png", "overlay-3.png"} <= names
        command = file.read(f"{run.id}/reproduce.sh").decode()
        assert all(f"--image_path=picture-{number}.png" in command for number in (1, 2, 3))
        compile(file.read(f"{run.id}/reproduce.py"), "reproduce.py", "exec")
        assert len(from_npz(file.read(f"{run.id}/result.npz")).pictures) == 3
    other = open_storage(Settings(data_folder=tmp_path / "other"))
    (incoming,) = read_bundle(data)
    (name,) = keep_bundle([incoming], other).added
    row = other.runs.get(name)
    assert row.names == tuple(each.name for each in pictures) and row.origin
    assert set(other.pictures.digests()) == {each.picture.digest for each in pictures}
    back = other.results.get_all(whole_run(ExplainRequest.from_dict(row.request)))
    for got, wanted in zip(back.pictures, run.result.pictures, strict=True):
        assert got.heat.tobytes() == wanted.heat.tobytes()


@pytest.mark.parametrize(
    ("left_out", "words"),
    [("picture-2.png", "without its picture"), ("result.npz", "holds no run")],
)
def test_an_export_that_lacks_a_part_is_one_sentence(stored_all, left_out, words):
    data = without(bundles.bundle([open_run(stored_all())]), left_out)
    with pytest.raises(InputError, match=words):
        read_bundle(data)


def test_an_export_of_one_picture_of_several_is_no_run(stored_all):
    run = open_run(stored_all())
    alone = replace(run, result=run.result.pictures[0], whole=None)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        bundles.write_run(file, alone)
    with pytest.raises(InputError, match="without the maps of all its pictures"):
        read_bundle(data.getvalue())


def without(data: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w") as rest:
        for member in file.infolist():
            if not member.filename.endswith(name):
                rest.writestr(member.filename, file.read(member))
    return out.getvalue()
