"""`python -m dashboard store`: figures that are so, damage that is found, and nothing lost."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from cache.files.folders import SETTLED
from dashboard.__main__ import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def command(capsys):
    """Runs a command and returns its exit code and what it printed."""

    def run(*arguments):
        capsys.readouterr()
        code = main(["store", *map(str, arguments)])
        out, error = capsys.readouterr()
        assert code != 2 or (out == "" and re.fullmatch(r"error: [^\n]+\.\n", error))
        return code, out + error

    return run


def harm(folder, statement):
    with closing(sqlite3.connect(folder / "results" / "cache.db")) as connection, connection:
        return connection.execute(statement).rowcount


@pytest.fixture
def closed(stored, storage):
    """Three runs in storage that no process uses any more; their ids."""
    names = [stored(prompt=prompt) for prompt in ("one?", "two?", "three?")]
    storage.results.lookups()
    return names


def elsewhere(data_folder, *arguments):
    """A process of its own, so that nothing here holds the folder."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", "store", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)},
        capture_output=True,
        text=True,
    )


def test_an_empty_server_says_so_and_makes_nothing(command, data_folder):
    assert command() == (0, f"Data folder  {data_folder}\nNothing is stored there yet.\n")
    for arguments in (["verify"], ["clean"], ["clean", "--dry-run"]):
        assert command(*arguments) == (2, f"error: Nothing is stored in {data_folder} yet.\n")
    assert not data_folder.exists()


def test_it_prints_how_much_there_is(command, closed, storage, ask, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORE_GIGABYTES", "2")
    monkeypatch.setenv("SMOOTHCAM_STORE_DAYS", "90")
    storage.results.get(ask(prompt="one?").request)
    storage.results.get(ask(prompt="four?").request)
    storage.results.put(storage.results.get(ask(prompt="one?").request))  # which takes the counts along
    (storage.folder / "history" / "runs.sqlite.broken-20260101T000000.0Z").write_bytes(b"x")
    code, words = command("print")
    assert code == 0 and command() == (0, words)
    assert re.search(r"Results +[\d.]+ [KM]B of 2.0 GB \(0.0%\), dropped after 90 days", words)
    # Three runs of eight layers and a combined map: a pass for each of the two.
    for kind, count in (("layer", 27), ("pass", 6), ("answer", 3), ("counts", 6)):
        assert re.search(rf"{kind} +{count} ", words), words
    assert "66.7% of 3 questions were stored already" in words
    assert "History      3 runs" in words and "Pictures     1, " in words
    assert "set aside as" in words and "runs.sqlite.broken-20260101T000000.0Z" in words


def test_a_sound_store_passes_and_a_damaged_one_fails_until_it_is_repaired(command, closed, storage, data_folder, ask):
    assert command("verify") == (0, "All 42 entries are sound.\n")
    assert harm(data_folder, "UPDATE Cache SET value = x'00' WHERE tag = 'layer' AND rowid % 9 = 0") > 0
    code, words = command("verify")
    *listed, last = words.splitlines()
    assert code == 1 and all(line.endswith("(layer): it is cut short") for line in listed)
    assert f"{len(listed)} of 42 entries are damaged" in last and command("verify")[0] == 1
    code, words = command("verify", "--repair")
    assert code == 0 and f"{len(listed)} damaged entries dropped" in words
    assert command("verify") == (0, f"All {42 - len(listed)} entries are sound.\n")
    assert storage.runs.count() == 3


def test_a_file_that_is_no_database_is_told_and_left(command, closed, storage, data_folder):
    storage.results.close()
    (data_folder / "results" / "cache.db").write_bytes(b"not a database" * 999)
    for extra in ("cache.db-wal", "cache.db-shm"):
        (data_folder / "results" / extra).unlink(missing_ok=True)
    code, words = command("verify", "--repair")
    assert code == 1 and "not a database" in words and "sets a damaged file aside" in words
    assert (data_folder / "results" / "cache.db").read_bytes() == b"not a database" * 999


def test_cleaning_drops_what_is_old_and_keeps_the_history(command, closed, storage, data_folder, ask):
    everything = command("print")[1].splitlines()[2:]  # the file's own size changes with its log
    age = "UPDATE Cache SET store_time = store_time - 864000 WHERE rowid <= 10"
    assert harm(data_folder, age) == 10
    preview = command("clean", "--older-than", 9, "--dry-run")[1]
    assert preview.startswith("Would drop 10 results older than 9 days, ")
    assert "Would drop 0 layers" in preview and "Would drop 0 pictures" in preview
    harm(data_folder, age.replace("-", "+"))
    assert command("print")[1].splitlines()[2:] == everything
    harm(data_folder, age)
    assert command("clean", "--older-than", 11)[1].startswith("Dropped 0 results")
    assert command("clean", "--older-than", "9")[1] == preview.replace("Would drop", "Dropped")
    assert storage.results.get(ask(prompt="one?").request) is None
    assert storage.results.get(ask(prompt="three?").request) is not None
    assert storage.runs.count() == 3 and len(storage.pictures.digests()) == 1
    assert command("verify")[0] == 0


def test_cleaning_drops_layers_and_pictures_that_nothing_leads_to(command, closed, storage, data_folder):
    named, orphan = (
        storage.pictures.folder.glob("*.picture").__next__(),
        storage.pictures.folder / f"{'ab' * 32}.picture",
    )
    half = storage.pictures.folder / "tmpx.picture.part"
    for path in (orphan, half):
        path.write_bytes(b"12345")
    for path in (named, orphan, half):
        os.utime(path, (time.time() - SETTLED - 9,) * 2)
    harm(
        data_folder,
        "DELETE FROM Cache WHERE rowid IN (SELECT rowid FROM Cache WHERE tag = 'pass' ORDER BY rowid LIMIT 1)",
    )
    preview = command("clean", "--dry-run")[1]
    assert "Would drop 1 half-written files, 5 B" in preview and "Would drop 1 pictures that no run names" in preview
    assert re.search(r"Would drop [18] layers that no request finds", preview)
    assert orphan.exists() and half.exists()
    assert command("clean")[1] == preview.replace("Would drop", "Dropped")
    assert not orphan.exists() and not half.exists() and named.exists()
    assert command("clean")[1].count("Dropped 0") == 3


@pytest.mark.parametrize("days", ["-1", "nan", "soon"])
def test_days_that_are_none_are_refused(command, days):
    with pytest.raises(SystemExit) as caught:
        command("clean", "--older-than", days)
    assert caught.value.code == 2


def test_a_store_in_use_is_not_moved(command, closed, data_folder, tmp_path):
    code, words = command("move", tmp_path / "new")
    assert code == 2 and "is used by a running server. Stop that first." in words
    assert not (tmp_path / "new").exists()


def test_an_unusable_setting_is_one_sentence(command, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORE_DAYS", "soon")
    code, words = command("print")
    assert code == 2 and "SMOOTHCAM_STORE_DAYS" in words


def test_it_brings_neither_torch_nor_streamlit(stored, data_folder):
    stored()
    code = (
        "import sys; from dashboard.__main__ import main\n"
        "assert [main(['store', *a]) for a in ([], ['verify'], ['clean'], ['move', '/proc/here'])] == [0, 0, 0, 2]\n"
        "heavy = {'torch', 'transformers', 'streamlit', 'cv2', 'plotly'} & set(sys.modules); assert not heavy, heavy"
    )
    env = {**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, capture_output=True)


def test_a_batch_keeps_its_pictures_and_is_moved_along(data_folder, closed, storage, ask, chosen, tmp_path):
    from cache.batches.batch import Batch, Row
    from cache.batches.failures import failures, note_failure

    batch = Batch(1.0, ask().request, (Row(1, "waiting.png", "ab" * 32, "not yet asked?"),))
    storage.pictures.put("ab" * 32, b"waiting")
    storage.batches.put(batch)
    note_failure(storage.batches.folder, batch.id, 1, "No memory.")
    picture = data_folder / "pictures" / f"{'ab' * 32}.picture"
    os.utime(picture, (time.time() - 2 * SETTLED,) * 2)
    found = elsewhere(data_folder, "clean")
    assert "Dropped 0 pictures that no run names" in found.stdout and picture.exists()
    os.utime(data_folder / "batches" / f"{batch.id}.batch", (1000, 1000))
    assert "Dropped 1 pictures that no run names" in elsewhere(data_folder, "clean").stdout

    code = "import sys, pathlib, dashboard.storage.relocation as m; m._copy(*map(pathlib.Path, sys.argv[1:]))"
    there = tmp_path / "there"
    there.mkdir()
    assert subprocess.run([sys.executable, "-c", code, data_folder, there], cwd=ROOT).returncode == 0
    assert (there / "batches" / f"{batch.id}.batch").exists()
    assert failures(there / "batches", batch.id) == {1: "No memory."}


def test_damage_fails_the_check_until_somebody_has_seen_it(command, closed, storage, data_folder):
    (data_folder / "history" / "runs.sqlite.broken-20260101T000000.0Z").write_bytes(b"x")
    code, words = command("verify")
    assert code == 1 and "set aside as" in words and "All 42 entries are sound" in words
    assert command("acknowledge")[0] == 0
    assert command("verify") == (0, "All 42 entries are sound.\n")


def test_a_damaged_list_of_jobs_fails_the_check(command, closed, storage, data_folder):
    storage.jobs.close()
    (data_folder / "jobs" / "jobs.sqlite").write_bytes(b"not a database" * 999)
    code, words = command("verify")
    assert code == 1 and "jobs.sqlite" in words and "not a database" in words


def test_without_results_the_history_is_still_told(command, closed, storage, data_folder):
    storage.results.close()
    shutil.rmtree(data_folder / "results")
    code, words = command("print")
    assert code == 0 and "History      3 runs" in words and "Nothing is stored" not in words


def test_a_link_to_a_disk_that_is_not_mounted_is_one_sentence(command, closed, storage, data_folder):
    storage.runs.close()
    file = data_folder / "history" / "runs.sqlite"
    file.rename(data_folder / "elsewhere")
    file.symlink_to(data_folder / "not mounted")
    for name in ("verify", "recover", "acknowledge"):
        code, words = command(name)
        assert code == 2 and "a link that leads nowhere" in words
