"""A lock on a file that ends with its process, and of which nothing is left."""

import fcntl
import os
import threading

import pytest

from cache.files import leases
from cache.files.leases import held


def test_one_has_it_at_a_time_and_then_the_file_is_gone(tmp_path):
    path = tmp_path / "counting"
    with held(path) as mine:
        assert mine and path.stat().st_mode & 0o777 == 0o600
        with held(path) as second:
            assert not second
        assert path.exists(), "whoever has not got the lock leaves the file"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_taken_over(tmp_path):
    path = tmp_path / "counting"
    path.touch()
    with held(path) as mine:
        assert mine
    assert not path.exists()


def test_a_file_that_was_deleted_before_it_was_locked_is_nobodys(tmp_path, monkeypatch):
    path, flock, left = tmp_path / "counting", fcntl.flock, []

    def lose_once(handle, how):
        flock(handle, how)
        if not left:
            left.append(path.unlink())

    monkeypatch.setattr(leases.fcntl, "flock", lose_once)
    with held(path) as mine:
        assert mine and path.exists()
        monkeypatch.undo()
        with held(path) as second:
            assert not second


def test_never_two_have_it(tmp_path):
    path, inside, most, got = tmp_path / "counting", [], [], []

    def work():
        for _ in range(300):
            with held(path) as mine:
                if mine:
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
                    got.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1 and len(got) > 1 and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_and_leaves_no_file_open(tmp_path):
    def opened():
        links = (os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd"))
        return [link for link in links if link.startswith(str(tmp_path))]  # other tests' files close when they like

    with pytest.raises(FileNotFoundError), held(tmp_path / "nowhere" / "counting"):
        pass
    assert opened() == []
    with held(tmp_path / "counting"):
        assert len(opened()) == 1
