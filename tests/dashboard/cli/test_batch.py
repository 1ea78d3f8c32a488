"""`python -m dashboard batch`, as people run it: a process of its own, killed, stopped, run again."""

import csv
import signal

import numpy as np
import pytest
from PIL import Image

from cache import RunHistory, RunRecord
from cache.batches.folder import BatchFolder
from cache.results.database import count_entries
from core.schema.drawn_answers import TokenSampling
from dashboard.storage.data_folder import batches_folder, history_file, results_folder
from tests.commands import QUICK, command, photos_in, start, until
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def photos(tmp_path):
    return photos_in(tmp_path / "photos", 5)


def all_runs(data) -> list[RunRecord]:
    log = RunHistory(history_file(data))
    found = log.recent(100)
    log.close()
    return found


def runs(data) -> dict[str, float]:
    return {run.picture_name: run.updated for run in all_runs(data)}


def test_killed_in_the_middle_it_goes_on_with_what_is_missing(photos, data_folder, tmp_path):
    asked = (photos, "--prompt", "Where is the circle?", *QUICK, "--samples", "60")
    process = start(data_folder, *asked)
    until(process, "2/5 p1.png: computed")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    before = runs(data_folder)
    assert 2 <= len(before) < 5

    code, out, error = command(
        data_folder, *asked, "--summary", tmp_path / "out.csv", "--address", "http://maps.example/"
    )
    assert code == 0
    assert f"5 rows: {len(before)} stored already, {5 - len(before)} to compute, 0 with a problem." in error
    assert error.count(": computed in") == 5 - len(before) and error.count(": stored already") == len(before)
    after = runs(data_folder)
    assert len(after) == 5 and all(after[name] == time for name, time in before.items())  # none was written anew
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    assert [row["picture"] for row in rows] == [f"p{number}.png" for number in range(5)]
    assert all(row["address"] == f"http://maps.example/compute?run={row['run']}" and row["answer"] for row in rows)

    code, out, error = command(data_folder, *asked)
    assert code == 0 and "5 stored already, 0 to compute" in error and "Loading weights" not in error


def test_stopped_it_keeps_the_samples_and_says_how_to_go_on(photos, data_folder):
    asked = (photos, "--prompt", "Where is it?", *QUICK, "--samples", "400")
    process = start(data_folder, *asked)
    until(process, "Loading weights")
    wait_until(lambda: count_entries(results_folder(data_folder)).get("layer"), "No samples were stored.")
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, error
    assert "Run the same command again to go on." in error and "Traceback" not in error
    assert "not yet computed" in out


def test_what_is_wrong_is_said_and_the_rest_is_computed(photos, data_folder, tmp_path):
    (photos / "broken.png").write_bytes(b"no picture")
    table = tmp_path / "pairs.csv"
    table.write_text("picture;prompt\np0.png;=cmd()\nbroken.png;what?\n../secret.png;what?\np1.png;\n", "utf-8-sig")
    asked = (photos, "--csv", table, *QUICK, "--summary", tmp_path / "out.csv")
    code, out, error = command(data_folder, *asked, "--dry-run")
    assert code == 1 and runs(data_folder) == {} and "1 to compute, 3 with a problem" in error
    code, out, error = command(data_folder, *asked)
    assert code == 1 and list(runs(data_folder)) == ["p0.png"]
    assert "row 3 (../secret.png): The path leads out of the folder." in " ".join(out.split())
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    assert [row["state"] for row in rows] == ["computed", "failed", "failed", "failed"]
    assert rows[0]["prompt"] == "'=cmd()" and rows[3]["problem"].startswith("The prompt is empty")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "--prompt", "x"), "cannot be read"),
        (("photos",), "There is no prompt"),
        (("photos", "--prompt", "x", "--model", "./nowhere"), "nowhere"),
        (("photos", "--prompt", "x", "--layers", "99"), "no layer 99"),
        (("photos", "--prompt", "x", "--layers", "some"), "Write layers"),
        (("photos", "--prompt", "x", "--method", "magic"), "magic"),
        (("photos", "--prompt", "x", "--samples", "0"), "number of samples"),
        (("photos", "--csv", "gone.csv"), "cannot be read"),
        (("photos", "--prompt", "x", "--private"), "Say to whom with --who"),
        (("photos", "--prompt", "x", "--brightness", "10..5"), "is no range"),
        (("photos", "--prompt", "x", "--brightness", "dark"), "is no brightness"),
        (("photos", "--prompt", "x", "--temperature", "-1"), "temperature must be 0"),
        (("photos", "--prompt", "x", "--temperature", "1", "--top-p", "0"), "top-p must be"),
        (("photos", "--prompt", "x", "--summary", "gone/out.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_begun_is_one_sentence(photos, data_folder, capsys, monkeypatch, arguments, words):
    from dashboard.__main__ import main

    monkeypatch.chdir(photos.parent)
    assert main(["batch", *arguments]) == 2
    out, error = capsys.readouterr()
    last = error.strip().splitlines()[-1]
    assert out == "" and last.startswith("error: ") and words in last


def test_a_store_that_cannot_be_used_is_said_and_nothing_is_computed(photos, tmp_path, capsys, monkeypatch):
    from dashboard.__main__ import main

    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "file" / "data"))
    assert main(["batch", str(photos), "--prompt", "x"]) == 2
    assert "cannot be opened" in capsys.readouterr().err


def test_private_runs_are_somebodys_alone(photos, data_folder, capsys, monkeypatch, explainer):
    from core.engine.model_pool import ModelPool
    from dashboard.__main__ import main

    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    asked = ["batch", str(photos), "--prompt", "x"]
    assert main([*asked, "--who", "ada", "--private", "--address", "http://maps.example"]) == 0
    name = capsys.readouterr().out.rpartition("batch=")[2].strip()
    log, folder = RunHistory(history_file(data_folder)), BatchFolder(batches_folder(data_folder))
    assert (log.count(), log.count(viewer="ada"), log.count(viewer="ben")) == (0, 5, 0)
    assert folder.get(name) is folder.get(name, "ben") is None and folder.get(name, "ada").who == "ada"
    assert main([*asked, "--who", "ada", "--private", "--dry-run"]) == 0
    assert "5 stored already" in capsys.readouterr().err
    # The same for everybody to see: lines of their own, and nothing is computed again.
    count = len(explainer.asked)
    assert main([*asked, "--who", "ben"]) == 0
    assert {run.who for run in log.recent(9)} == {"ben"} and log.count() == 5 and len(explainer.asked) == count
    # What is public does not become private.
    assert main(["batch", str(photos), "--prompt", "x", "--who", "cleo", "--private"]) == 0
    assert log.count(viewer="cleo") == 5 and {run.private_to for run in log.recent(9, viewer="cleo")} == {""}
    log.close()


def test_answers_are_drawn_where_a_temperature_is_given(photos, data_folder, capsys, monkeypatch, explainer):
    from core.engine.model_pool import ModelPool
    from dashboard.__main__ import main

    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    drawn = ["--temperature", "0.7", "--top-p", "0.9", "--answer-seed", "3"]
    assert main(["batch", str(photos), "--prompt", "x", *drawn]) == 0
    asked = {request.sampling for requests, _ in explainer.asked for request in requests}
    assert asked == {TokenSampling(0.7, 0.9, 3)}


def test_one_brightness_holds_for_all_and_the_pixels_are_kept(tmp_path, data_folder, monkeypatch, explainer):
    from core import Brightness, load_picture
    from core.engine.model_pool import ModelPool
    from dashboard.__main__ import main
    from dashboard.settings import Settings
    from dashboard.storage.data_folder import open_storage

    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    photos = photos_in(tmp_path / "scans", 1)
    for name in ("deep", "bad"):  # no endings: the content counts
        Image.fromarray(np.linspace(0, 4095, 1200).reshape(30, 40).astype(np.uint16)).save(photos / name, "PNG")
    (photos / "bad").write_bytes((photos / "deep").read_bytes()[:60])
    assert main(["batch", str(photos), "--prompt", "x", "--brightness", "0..2000"]) == 1  # the bad one
    storage = open_storage(Settings())
    found = {run.picture_name: run.image for run in storage.runs.recent(9)}
    expected = load_picture(photos / "deep", Brightness("range", 0, 2000))
    assert found == {"p0.png": load_picture(photos / "p0.png").digest, "deep": expected.digest}
    # Whoever reads what was kept needs no choice, and what was as it came is kept as it came.
    assert load_picture(storage.pictures.get(expected.digest)).digest == expected.digest
    assert storage.pictures.get(found["p0.png"]) == (photos / "p0.png").read_bytes()


def test_why_rows_failed_is_said_the_next_time(photos, data_folder, tmp_path, capsys, monkeypatch, explainer):
    from core import ImageError, ModelError
    from core.engine.model_pool import ModelPool
    from dashboard.__main__ import main

    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    real, wrong = explainer.run, {1: ImageError("The picture is too odd."), 4: ModelError("The model is gone.")}
    calls = []

    def run(*arguments, **more):
        calls.append(1)
        if len(calls) in wrong:
            raise wrong[len(calls)]
        return real(*arguments, **more)

    monkeypatch.setattr(explainer, "run", run)
    asked = ["batch", str(photos), "--prompt", "x", "--summary", str(tmp_path / "out.csv")]
    assert main(asked) == 1
    capsys.readouterr()
    assert main([*asked[:4], "--dry-run"]) == 0
    words = " ".join(capsys.readouterr().err.split())
    assert "2 stored already, 3 to compute" in words and "2 rows failed before and will be tried again" in words
    assert "row 1 (p0.png): The picture is too odd." in words and "row 4 (p3.png): The model is gone." in words
    # It ends before the other one that had failed: that stays failed, with its reason.
    wrong[len(calls) + 1] = ModelError("The model is gone again.")
    assert main(asked) == 1
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    assert [row["problem"] for row in rows][:1] == ["The model is gone again."]
    assert rows[3]["state"] == "failed" and rows[3]["problem"] == "The model is gone."
    assert rows[4]["state"] == "not yet computed"
    assert main(asked) == 0
    capsys.readouterr()
    assert main([*asked[:4], "--dry-run"]) == 0
    assert "failed before" not in capsys.readouterr().err


def test_a_full_disk_ends_it_with_a_sentence(photos, data_folder, capsys, monkeypatch, explainer):
    from cache import ResultStore, StoreError
    from core.engine.model_pool import ModelPool
    from dashboard.__main__ import main

    def full(store, result):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    monkeypatch.setattr(ResultStore, "put", full)
    assert main(["batch", str(photos), "--prompt", "x"]) == 1
    out, error = capsys.readouterr()
    assert "1 failed, 4 not yet computed." in out and "The disk is full." in out
    assert "Nothing can be kept" in error and len(explainer.asked) == 1


def test_one_large_picture_has_all_of_them_kept_to_a_number_of_visual_tokens(data_folder, tmp_path, monkeypatch):
    photos = photos_in(tmp_path / "photos", 1)
    asked = (photos, "--prompt", "Where is it?", *QUICK)
    monkeypatch.setenv("SMOOTHCAM_VISUAL_TOKENS", "64")
    Image.new("RGB", (400, 300)).save(photos / "large.png")
    code, _, error = command(data_folder, *asked)
    assert code == 0 and "The largest picture takes 54 visual tokens" in error and " GB are free." in error
    assert {run.request["max_pixels"] for run in all_runs(data_folder)} == {64 * 28**2}
    code, _, error = command(data_folder, *asked, "--max-pixels", "off")
    assert code == 0 and "The largest picture takes 108 visual tokens" in error
    assert {run.request["max_pixels"] for run in all_runs(data_folder)} == {64 * 28**2, None}
