"""Who uses a folder: told across processes, and forgotten when a process dies."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cache import ResultStore, StoreError
from cache.files import folders
from cache.files.folders import begin_file, claim, drop_under_way, narrow, unused, write_whole
from tests.some import some
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
CODE = (
    "import sys, time; from pathlib import Path; from cache.files.folders import claim\n"
    "claim(Path(sys.argv[1])); print('claimed', flush=True); time.sleep(60)"
)


def claimed_elsewhere(folder):
    process = subprocess.Popen([sys.executable, "-c", CODE, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"claimed\n"
    return process


def test_a_claimed_folder_is_in_use_until_its_last_process_dies(tmp_path):
    with unused(tmp_path, "The folder"):
        pass
    processes = [claimed_elsewhere(tmp_path) for _ in range(2)]
    for process in some(processes):
        with pytest.raises(StoreError, match="The folder is used by a running server. Stop that first"):
            with unused(tmp_path, "The folder"):
                pytest.fail("it was claimed")
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    with unused(tmp_path, "The folder"):
        pass


def test_who_claims_a_folder_that_is_moved_meanwhile_gets_the_new_one(tmp_path, monkeypatch):
    folder, new = tmp_path / "data", tmp_path / "new"
    folder.mkdir()
    new.mkdir()
    handles, has_old, lock = [], threading.Event(), folders.fcntl.flock

    def tell_and_lock(*arguments):
        has_old.set()
        lock(*arguments)

    with unused(folder, "The folder"):
        monkeypatch.setattr(folders.fcntl, "flock", tell_and_lock)
        waiting = threading.Thread(target=lambda: handles.append(claim(folder)))
        waiting.start()
        assert has_old.wait(PATIENCE) and waiting.is_alive()
        folder.rename(tmp_path / "old")
        folder.symlink_to(new)
    waiting.join(PATIENCE)
    assert os.path.samestat(os.fstat(handles[0]), new.stat())
    os.close(handles[0])


@pytest.mark.parametrize("umask", [0o000, 0o277, 0o777])
def test_folders_above_that_had_to_be_made_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        ResultStore(tmp_path / "a" / "b" / "results").close()
    finally:
        os.umask(before)
    for folder in ("a", "a/b", "a/b/results"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700


def test_an_open_folder_is_closed(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir(mode=0o755)
    ResultStore(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_file_is_its_owners_alone_and_one_that_is_there_stays(tmp_path):
    before = os.umask(0)
    try:
        begin_file(tmp_path / "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    (tmp_path / "new").write_text("content")
    begin_file(tmp_path / "new")
    assert (tmp_path / "new").read_text() == "content"


def test_narrowing_takes_rights_of_others_and_gives_none(tmp_path):
    for mode, then in ((0o666, 0o600), (0o640, 0o600), (0o400, 0o400)):
        path = tmp_path / oct(mode)
        path.touch()
        path.chmod(mode)
        narrow(path)
        assert stat.S_IMODE(path.stat().st_mode) == then
    narrow(tmp_path / "nowhere")


def test_a_process_that_ends_takes_what_it_is_writing_with_it(tmp_path, monkeypatch):
    """As at SIGTERM, when threads just stop: here one stands still in the middle of a file."""
    writing, go_on = threading.Event(), threading.Event()
    sync = os.fsync

    def wait(handle):
        writing.set()
        assert go_on.wait(PATIENCE)
        sync(handle)

    (tmp_path / "other.part").touch()  # another process's
    monkeypatch.setattr(folders.os, "fsync", wait)
    thread = threading.Thread(target=lambda: pytest.raises(OSError, write_whole, tmp_path / "x", b"data", ".part"))
    thread.start()
    assert writing.wait(PATIENCE) and len(list(tmp_path.glob("*.part"))) == 2
    drop_under_way()
    assert [path.name for path in tmp_path.iterdir()] == ["other.part"]
    go_on.set()
    thread.join(PATIENCE)
    monkeypatch.undo()
    write_whole(tmp_path / "x", b"data", ".part")
    drop_under_way()
    assert (tmp_path / "x").read_bytes() == b"data"
