import sys
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch

from core.devices import (
    device_numbers,
    installed_version,
    memory_of,
    peak_bytes,
    release_cached,
    reset_peak,
    resolve_device,
)
from core.errors import ModelError

CPU = torch.device("cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_peak_is_of_what_came_after_the_watch_began():
    reset_peak(CPU)
    before = peak_bytes(CPU)
    block = np.ones(200 << 20, np.uint8)
    during = peak_bytes(CPU)
    del block
    assert during - before > 150 << 20
    assert peak_bytes(CPU) > during - (5 << 20)  # it stays, though the block is gone; the system counts in batches
    reset_peak(CPU)
    assert peak_bytes(CPU) < during - (150 << 20)


def test_a_system_that_does_not_tell_says_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("core.devices._STATUS", tmp_path / "none")
    monkeypatch.setattr("core.devices._CLEAR_REFS", tmp_path / "no folder" / "none")
    reset_peak(CPU)
    assert peak_bytes(CPU) == 0


def test_the_machine_tells_its_memory():
    free, total = memory_of(CPU)
    assert 0 < free <= total <= psutil.virtual_memory().total
    assert memory_of("cpu")[1] == total


@pytest.fixture
def grouped(monkeypatch, tmp_path):
    """A machine of 4000 bytes, 3000 of them free, and what `memory_of` says within control groups."""
    monkeypatch.setattr("core.devices._CGROUPS", tmp_path)
    monkeypatch.setattr("core.devices._OWN_CGROUPS", tmp_path / "own")
    machine = SimpleNamespace(available=3000, total=4000)
    monkeypatch.setattr("core.devices.psutil.virtual_memory", lambda: machine)

    def put(own, names, groups):
        (tmp_path / "own").write_text(own)
        for folder, (limit, used, idle) in groups.items():
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            for name, words in zip(names, (limit, used), strict=False):
                (tmp_path / folder / name).write_text(f"{words}\n")
            (tmp_path / folder / "memory.stat").write_text(f"anon 5\n{names[2]} {idle}\nslab 7\n")
        return memory_of("cpu")

    return put


FIRST = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
SECOND = ("memory.max", "memory.current", "inactive_file")


def test_without_control_groups_the_machine_is_all(grouped, monkeypatch, tmp_path):
    assert grouped("1:cpu:/\n0::/\n", SECOND, {}) == (3000, 4000)
    monkeypatch.setattr("core.devices._OWN_CGROUPS", tmp_path / "none")
    assert memory_of("cpu") == (3000, 4000)


@pytest.mark.parametrize(
    ("limit", "used", "idle", "wanted"),
    [
        ("max", 500, 0, (3000, 4000)),
        (2000, 500, 0, (1500, 2000)),
        (2000, 1900, 1400, (1500, 2000)),  # files that were read are dropped where memory is wanted
        (100, 500, 0, (0, 100)),
        (1 << 62, 500, 0, (3000, 4000)),  # how the first version says that there is none
    ],
)
@pytest.mark.parametrize(("own", "names", "mount"), [("0::/", SECOND, "."), ("4:cpu,memory:/", FIRST, "memory")])
def test_a_containers_limit_counts(grouped, own, names, mount, limit, used, idle, wanted):
    assert grouped(own, names, {mount: (limit, used, idle)}) == wanted


def test_limits_hold_for_the_groups_inside(grouped):
    """As systemd lays out its services: the machine's root has no limit, and neither has the innermost group here."""
    groups = {"a.slice": (2000, 1500, 0), "a.slice/b.service": (2500, 100, 0), "a.slice/b.service/c": ("max", 1, 0)}
    assert grouped("0::/a.slice/b.service/c\n", SECOND, groups | {"d.slice": (1, 1, 0)}) == (500, 2000)


def test_a_container_may_know_its_group_by_another_path(grouped):
    own = "5:name=systemd:/docker/1a2b\n4:memory:/docker/1a2b\n0::/docker/1a2b\n"
    assert grouped(own, FIRST, {"memory": (2000, 500, 100)}) == (1600, 2000)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_left_to_loading():
    release_cached("cuda")
    assert memory_of("cuda") == (float("inf"), float("inf"))


def test_what_pytorch_keeps_for_reuse_is_free(monkeypatch):
    told = {"is_available": True, "mem_get_info": (5, 20), "memory_reserved": 7, "memory_allocated": 3}
    for name, value in told.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, value=value: value)
    assert memory_of("cuda") == memory_of(torch.device("cuda", 0)) == (9, 20)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_cuda_device_tells_its_memory_and_counts_what_is_kept_for_reuse_as_free():
    release_cached("cuda")
    free, total = memory_of("cuda")
    assert 0 < free <= total == torch.cuda.get_device_properties(0).total_memory
    block = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    assert memory_of(block.device)[0] <= free - (1 << 30)
    device = block.device
    del block
    assert memory_of(device)[0] > free - (1 << 28)
    release_cached(device)
    assert torch.cuda.memory_reserved(device) < 1 << 30


def test_devices():
    assert resolve_device("cpu") == "cpu" and resolve_device("cuda:1") == "cuda:1"
    assert resolve_device("auto") in ("cpu", "cuda")
    with pytest.raises(ModelError, match="no device"):
        resolve_device("tpu")


def test_no_device_is_visible_when_told_so(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert resolve_device("auto") == "cpu"


@pytest.mark.parametrize(
    ("device", "visible", "found"),
    [
        ("auto", None, ("0", "1", "10")),
        ("cuda", "2,0", ("2", "0")),
        ("cuda:1", None, ("1",)),
        ("cuda:1", "2,0", ("0",)),
        ("cpu", None, ()),
        ("auto", "", ()),
    ],
)
def test_the_devices_of_worker_processes(device, visible, found, monkeypatch, tmp_path):
    for name in ("nvidia10", "nvidia0", "nvidia1", "nvidiactl"):
        (tmp_path / name).touch()
    monkeypatch.setattr("core.devices._DEVICES", tmp_path)
    monkeypatch.setattr("core.devices.installed_version", lambda package: "2.13.0+cu130")
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert device_numbers(device) == found


def test_a_cpu_build_of_torch_sees_no_device(monkeypatch, tmp_path):
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr("core.devices._DEVICES", tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for build, found in (("2.13.0+cpu", "cpu"), ("2.13.0", "cuda")):
        monkeypatch.setattr("core.devices.installed_version", lambda package, build=build: build)
        assert resolve_device("auto") == found


def test_the_version_of_a_package_is_looked_up_once(monkeypatch):
    installed_version.cache_clear()
    assert installed_version("numpy") == np.__version__
    monkeypatch.setattr("core.devices.version", lambda package: pytest.fail("looked up again"))
    assert installed_version("numpy") == np.__version__
    with pytest.raises(pytest.fail.Exception):
        installed_version("no-such-package")
