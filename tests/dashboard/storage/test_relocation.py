"""A data folder is moved whole, or not at all."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cache import StoreError
from dashboard.settings import Settings
from dashboard.storage import relocation
from dashboard.storage.access_tokens import AccessTokens
from dashboard.storage.damage import found
from dashboard.storage.data_folder import open_storage

ROOT = Path(__file__).parents[3]


def elsewhere(data_folder, *arguments):
    """A process of its own, so that nothing here holds the folder."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", "store", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("exists", [False, True])
def test_moving_takes_everything_along_and_twice(data_folder, tmp_path, exists):
    write = (
        "import sys; sys.path.insert(0, '.')\n"
        "from dashboard.settings import Settings; from dashboard.storage.data_folder import open_storage\n"
        "from tests.cache.samples import make_run\n"
        "from tests.cache.samples import make_request, make_result\n"
        "storage = open_storage(Settings())\n"
        "for seed in range(3):\n"
        "    storage.results.put(make_result(make_request(seed=seed))); storage.runs.record(make_run(seed))\n"
        "storage.pictures.put('ab' * 32, b'picture'); storage.results.get(make_request())\n"
        "from dashboard.storage.access_tokens import AccessTokens\n"
        "from dashboard.storage.data_folder import tokens_file\n"
        "AccessTokens(tokens_file(storage.folder)).make('ada', 'open', 'a script', 1e6)\n"
        "import os; os._exit(0)\n"  # as if killed: the log is not emptied
    )
    env = {**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)}
    subprocess.run([sys.executable, "-c", write], cwd=ROOT, env=env, check=True)
    before = elsewhere(data_folder, "print").stdout
    for number in (1, 2):
        target = tmp_path / f"new-{number}"
        if exists:
            target.mkdir()
        done = elsewhere(data_folder, "move", target)
        assert done.returncode == 0, done.stderr
        assert data_folder.is_symlink() and data_folder.resolve() == target
        assert (target.stat().st_mode & 0o777) == 0o700
        same = re.compile(r"^  (?:layer|pass|answer|counts|stored).*$|runs|^Pictures.*$", re.M)
        assert same.findall(elsewhere(data_folder, "print").stdout) == same.findall(before)
        assert elsewhere(data_folder, "verify").stdout == "All 19 entries are sound.\n"
        assert (target / "pictures" / f"{'ab' * 32}.picture").read_bytes() == b"picture"
        tokens = AccessTokens(target / "tokens" / "tokens.sqlite")
        assert [token.label for token in tokens.listed("open")] == ["a script"]
        tokens.close()
    (old,) = tmp_path.glob("data.moved-*Z")
    assert (old / "results" / "cache.db").exists() and (tmp_path / "new-1" / "results" / "cache.db").exists()
    storage = open_storage(Settings())
    assert storage.problem is None and storage.runs.count() == 3


@pytest.mark.parametrize("place", ["full", "inside", "around", "file", "itself"])
def test_a_target_that_cannot_be_used_is_refused_and_nothing_changes(stored, storage, data_folder, tmp_path, place):
    stored()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    target = {"inside": data_folder / "new", "around": tmp_path, "itself": data_folder}.get(place, tmp_path / place)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    done = elsewhere(data_folder, "move", target)
    assert done.returncode == 2 and re.fullmatch(r"error: [^\n]+\.\n", done.stderr)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


def test_a_copy_that_fails_is_taken_back(stored, storage, data_folder, tmp_path, monkeypatch):
    name = stored()
    monkeypatch.setattr(relocation, "unused", lambda folder, what: closing(open(os.devnull)))
    monkeypatch.setattr(relocation.shutil, "copy2", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(StoreError, match="disk is full"):
        relocation.move(data_folder, tmp_path / "new")
    assert not (tmp_path / "new").exists() and not data_folder.is_symlink()
    assert open_storage(Settings()).runs.get(name) is not None


def test_what_was_damaged_and_who_has_seen_it_moves_along(data_folder, tmp_path):
    made = "from dashboard.settings import Settings; from dashboard.storage.data_folder import open_storage\n"
    env = {**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)}
    subprocess.run([sys.executable, "-c", f"{made}open_storage(Settings())"], cwd=ROOT, env=env, check=True)
    stamp = "20260102T030405.000000Z"
    seen, unseen = f"jobs.lost-{stamp}", f"history/runs.sqlite.broken-{stamp}"
    (data_folder / seen).write_bytes(b"1 2")
    assert elsewhere(data_folder, "acknowledge").returncode == 0
    (data_folder / unseen).write_bytes(b"x")
    assert elsewhere(data_folder, "move", tmp_path / "new").returncode == 0
    assert (tmp_path / "new" / unseen).read_bytes() == b"x"
    assert [damage.name for damage in found(tmp_path / "new")] == [unseen]
