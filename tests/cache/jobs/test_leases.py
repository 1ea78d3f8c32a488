"""A lease tells whether the process that holds it lives, however it ended."""

import subprocess
import sys

import pytest

from cache import JobLog, StoreError
from cache.jobs.leases import Lease, release_all


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs" / "jobs.sqlite"


def test_what_dead_servers_left_is_swept_away(path):
    end = "import os, sys; from cache import JobLog; log = JobLog(sys.argv[1]); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", end, str(path)], check=False)
    assert len(list(path.parent.glob("*.server"))) == 1
    log = JobLog(path)
    assert len(list(path.parent.glob("*.server"))) == 1  # this one's own
    log.close()
    assert not list(path.parent.glob("*.server"))


def test_a_process_lives_until_it_lets_go(path):
    path.parent.mkdir()
    first, second = Lease(path), Lease(path)
    assert first.name != second.name
    assert first.is_alive(first.name) and first.is_alive(second.name) and second.is_alive(first.name)
    second.release()
    assert not first.is_alive(second.name) and not second.is_alive(second.name)
    assert [file.name for file in path.parent.iterdir()] == [f"{path.name}.{first.name}.server"]
    first.release()


@pytest.mark.parametrize("name", ["", "0" * 16, "../../etc/passwd", "0" * 15 + "G"])
def test_a_name_that_nobody_has_is_not_alive(path, name):
    path.parent.mkdir()
    lease = Lease(path)
    assert not lease.is_alive(name)
    lease.release()


def test_a_file_that_nobody_locks_is_removed(path):
    path.parent.mkdir()
    left = path.with_name(f"{path.name}.{'a' * 16}.server")
    left.write_bytes(b"")
    lease = Lease(path)
    lease.sweep()
    assert not left.exists() and lease.is_alive(lease.name)
    lease.release()


def test_a_folder_that_is_not_there_is_one_sentence(path):
    with pytest.raises(StoreError, match="The folder"):
        Lease(path)


def test_a_server_that_is_about_to_end_lets_all_go(path):
    path.parent.mkdir()
    mine, others = Lease(path), Lease(path.with_name("other.sqlite"))
    release_all()
    assert list(path.parent.glob("*.server")) == []
    assert not mine.is_alive(mine.name) and not others.is_alive(others.name)
    release_all()
