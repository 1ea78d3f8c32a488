"""The temporary folder of a process: its own, closed, gone at its end, and swept up where it was killed."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core import temporary
from core.errors import InputError
from tests.waiting import PATIENCE

CODE = """
import sys, time
from core.temporary import own_folder
(own_folder() / "file").write_text("something")
print(own_folder(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def base(tmp_path, monkeypatch) -> Path:
    """The system's temporary folder, as far as this test knows, for a process that has no own one yet."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(temporary, "_own", None)
    yield folder
    temporary.remove()


def process_with_folder(base: Path) -> tuple[subprocess.Popen, Path]:
    """Another process that has made its own, and lives until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE],
        env={**os.environ, "TMPDIR": str(base)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("umask", [0o000, 0o277])
def test_it_is_this_users_alone_whatever_the_umask(base, umask):
    before = os.umask(umask)
    try:
        folder = temporary.own_folder()
    finally:
        os.umask(before)
    assert folder.parent == base and temporary.own_folder() == folder
    state = folder.lstat()
    assert stat.S_ISDIR(state.st_mode) and stat.S_IMODE(state.st_mode) == 0o700 and state.st_uid == os.geteuid()


def test_it_goes_with_its_process(base):
    process, folder = process_with_folder(base)
    assert folder.parent == base and (folder / "file").exists()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and list(base.iterdir()) == []


def test_that_of_a_killed_process_is_swept_and_no_others(base):
    killed, left = process_with_folder(base)
    living, used = process_with_folder(base)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    assert left.exists()
    own = temporary.own_folder()  # whoever starts sweeps
    assert sorted(base.iterdir()) == sorted((used, own)) and (used / "file").exists()
    living.send_signal(signal.SIGKILL)
    living.communicate(timeout=PATIENCE)
    assert temporary.sweep() == 1 and list(base.iterdir()) == [own]


def test_what_only_looks_like_one_is_left_alone(base, tmp_path):
    work = base / "smoothcam-mythesis"
    work.mkdir()
    (work / "thesis.txt").write_text("mine")
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / temporary._MARK).touch()
    (base / "smoothcam-a_linked").symlink_to(target)
    (base / "smoothcam-abcdefgh.txt").mkdir()
    (base / "smoothcam-abcdefgh").write_text("a file")
    before = sorted(base.iterdir())
    assert temporary.sweep(base) == 0 and sorted(base.iterdir()) == before
    assert (work / "thesis.txt").exists() and (target / temporary._MARK).exists()


def test_cleaners_of_old_files_find_it_young(base):
    folder = temporary.own_folder()
    for path in (folder, folder / temporary._MARK):
        os.utime(path, (0, 0))
    temporary.refresh()
    assert all(path.stat().st_mtime > 0 for path in (folder, folder / temporary._MARK))


def test_one_that_was_deleted_is_made_anew(base):
    first = temporary.own_folder()
    (first / temporary._MARK).unlink()
    first.rmdir()
    second = temporary.own_folder()
    assert second.is_dir() and second.parent == base


def test_who_is_swept_while_it_begins_makes_another(base, monkeypatch):
    lock, swept = temporary.fcntl.flock, []

    def late(handle, how):
        if how == temporary.fcntl.LOCK_EX and not swept:
            swept.append(temporary.sweep(base))
        lock(handle, how)

    monkeypatch.setattr(temporary.fcntl, "flock", late)
    assert temporary.own_folder().is_dir() and swept == [1]


def test_a_folder_in_which_everybody_may_rename_is_refused_with_a_sentence(base):
    base.chmod(0o777)
    with pytest.raises(InputError, match="Everybody may rename .* Set TMPDIR to a folder of your own"):
        temporary.own_folder()
    base.chmod(0o755)
    assert temporary.own_folder().is_dir()


def test_everything_temporary_lies_within(base, monkeypatch):
    monkeypatch.delenv("TMPDIR", raising=False)
    with temporary.inside_own_folder() as folder:
        assert Path(tempfile.mkdtemp()).parent == folder == Path(tempfile.gettempdir())
        told = subprocess.run(
            [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"], capture_output=True, text=True
        )
        assert told.stdout.strip() == str(folder)
    assert not folder.exists() and tempfile.gettempdir() == str(base) and "TMPDIR" not in os.environ


def test_a_fork_leaves_its_parents_alone(base):
    folder = temporary.own_folder()
    child = os.fork()
    if child == 0:
        temporary.remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert folder.is_dir() and temporary.sweep() == 0
