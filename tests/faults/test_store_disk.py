"""The store on disks that are full, read-only or in the way: a sentence, and nothing half-written."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cache import PictureFolder, ResultStore, RunHistory, StoreError
from tests.cache.samples import assert_same, make_request, make_result, missing_maps
from tests.cache.writer import result_of
from tests.commands import found_here
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
OPENERS = [ResultStore, PictureFolder, lambda folder: RunHistory(folder / "runs.db")]
NOBODY = 65534


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A mount for the length of a block; skips where this user may not mount."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a file system")
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """A folder that exists but cannot be written, seen by a user whom permissions bind."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    try:
        folder.chmod(0o555)
        if root:
            os.seteuid(NOBODY)
        yield folder
    finally:
        if root:
            os.seteuid(0)
        shutil.rmtree(folder)


def fill_until_refused(store: ResultStore) -> tuple[int, str]:
    """Puts until the store refuses; returns how many went in and the sentence."""
    for seed in range(200):
        try:
            store.put(result_of(seed))
        except StoreError as error:
            return seed, str(error)
    raise AssertionError("the disk never filled")


def assert_whole_runs(store: ResultStore, count: int) -> None:
    for seed in range(count):
        assert_same(store.get(result_of(seed).request), result_of(seed))
    assert missing_maps(store, result_of(count).request) == result_of(count).layers
    assert store.counts() == {"layer": 6 * count, "pass": count, "answer": 1, "report": 0, "counts": count, "arrays": 0}


def test_a_full_disk(tmp_path):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=3m", "tmpfs"):
        store = ResultStore(tmp_path / "small" / "store")
        count, sentence = fill_until_refused(store)
        assert count >= 3
        assert "disk is full. Free some space" in sentence
        assert_whole_runs(store, count)
        with pytest.raises(StoreError, match="disk is full"):  # the refused put left no lock behind
            store.put(result_of(count))
        subprocess.run(["mount", "-o", "remount,size=8m", str(tmp_path / "small")], check=True)
        store.put(result_of(count))
        assert_whole_runs(store, count + 1)
        store.close()


def test_a_full_disk_when_opening(tmp_path):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
        (tmp_path / "small" / "filler").write_bytes(bytes(60_000))
        for number, opener in enumerate(OPENERS):
            if opener is PictureFolder:
                pictures = PictureFolder(tmp_path / "small" / "pictures")
                with pytest.raises(StoreError, match="disk is full"):
                    pictures.put("ab" * 32, bytes(50_000))
                assert list(pictures.folder.iterdir()) == []
            else:
                with pytest.raises(StoreError, match="disk is full"):
                    opener(tmp_path / "small" / str(number))


def test_a_file_size_limit(tmp_path):
    """The limit of `ulimit -f`, which needs no privilege to set."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    folder = tmp_path / "store"
    command = [sys.executable, "-m", "tests.cache.writer", str(folder), "0"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=found_here(),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    *seeds, sentence = done.stdout.splitlines()
    assert "cannot be written" in sentence and "choose another folder" in sentence
    assert len(seeds) >= 2
    assert_whole_runs(ResultStore(folder), len(seeds))


def test_read_only_while_running(tmp_path):
    disk = tmp_path / "disk"
    with mounted(disk, "-t", "tmpfs", "-o", "size=16m", "tmpfs"):
        store = ResultStore(disk / "store")
        store.put(make_result(make_request()))
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StoreError, match="cannot be written. Make the folder writable"):
            store.put(make_result(make_request(seed=1)))
        with pytest.raises(StoreError, match="cannot be written. Make the folder writable"):
            ResultStore(disk / "store")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        store.put(make_result(make_request(seed=1)))
        assert_same(store.get(make_request()), make_result(make_request()))
        store.close()


@pytest.mark.parametrize("opener", OPENERS)
def test_a_folder_without_permission(opener):
    with ordinary_user() as folder:
        with pytest.raises(StoreError, match="cannot be written. Make the folder writable"):
            opener(folder / "inside")
        with pytest.raises(StoreError, match="cannot be written. Make the folder writable"):
            opener(folder)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("opener", OPENERS)
def test_a_file_in_the_way(tmp_path, opener):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(StoreError, match="a file is in the way. Choose another folder"):
            opener(folder)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("opener", OPENERS)
def test_a_folder_of_somebody_else_is_left_alone(tmp_path, opener):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds other files. Choose an empty folder"):
        opener(folder)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert [file.name for file in folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("opener", OPENERS)
def test_a_place_where_nothing_can_be_made(opener):
    with pytest.raises(StoreError, match="The .* in /proc/here cannot be"):
        opener(Path("/proc/here"))
