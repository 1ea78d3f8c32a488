"""Who uses a folder: told across processes, and forgotten when a process dies."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cache import StoreError
from cache.files import folders
from cache.files.folders import claim, unused
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
    for process in processes:
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
