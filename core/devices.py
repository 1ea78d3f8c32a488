"""Which devices there are, how much memory each has and what of it is free, and the peak of a piece of work.

No torch here but for the memory of CUDA devices.

On the CPU the device is the machine, or as much of it as the control groups of this process leave to it.
"""

import os
from functools import cache
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from core.errors import ModelError, shown

if TYPE_CHECKING:
    import torch

_DEVICES = Path("/dev")

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_CGROUPS = Path("/sys/fs/cgroup")
# Where groups lie that limit memory; the names of a group's limit, of what it uses, and of what of that are copies of
# files which the system would drop: a group that has read a large model is full of them.
_VERSION_1 = ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_VERSION_2 = ("", "memory.max", "memory.current", "inactive_file")


def memory_of(device: "str | torch.device") -> tuple[float, float]:
    """Bytes that are free on a device, and that it has in all.

    On CUDA what PyTorch keeps for reuse is free, too. Without limit where PyTorch cannot use the device: loading a
    model there says so better.
    """
    if not str(device).startswith("cuda"):
        memory, groups = psutil.virtual_memory(), _groups()
        free = min([memory.available, *(max(0, limit - used) for limit, used in groups)])
        return free, min([memory.total, *(limit for limit, _ in groups)])
    import torch

    if not torch.cuda.is_available():
        return inf, inf
    free, total = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device), total


def release_cached(device: "str | torch.device") -> None:
    """Lets other processes have what PyTorch keeps of a CUDA device for reuse."""
    if str(device).startswith("cuda"):
        import torch

        torch.cuda.empty_cache()


def _groups() -> list[tuple[int, int]]:
    """(limit, used) in bytes of each control group around this process that has a limit, of either version.

    See cgroups(7): a limit of a group holds for those inside of it. In a container the path that the system tells may
    be that outside of it; its own group is then the root here.
    """
    try:
        lines = [line.split(":", 2) for line in _OWN_CGROUPS.read_text().splitlines()]
    except OSError:  # no Linux
        return []
    found = []
    for _, controllers, path in lines:
        if controllers and "memory" not in controllers.split(","):
            continue
        mount, limit, used, idle = _VERSION_1 if controllers else _VERSION_2
        inside = Path(path.lstrip("/"))
        for folder in (_CGROUPS / mount / each for each in (inside, *inside.parents)):
            try:
                most, now = (int((folder / name).read_text()) for name in (limit, used))
                counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            except (OSError, ValueError):  # no such group here, or "max"
                continue
            found.append((most, now - int(counts.get(idle, 0))))
    return found


def reset_peak(device: "torch.device") -> None:
    """Forgets the peak so far: what `peak_bytes` tells from now on is of what follows."""
    if device.type == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        _CLEAR_REFS.write_text("5")  # see clear_refs in proc(5): resets the peak resident set size
    except OSError:
        pass  # no Linux, or not allowed to: the peak is then that of the process's whole life


def peak_bytes(device: "torch.device") -> int:
    """The most memory in use since `reset_peak`; 0 where the system does not tell.

    On CUDA what PyTorch has allocated on the device, model included; on the CPU the resident set of the
    process, in which the libraries have their share.
    """
    if device.type == "cuda":
        import torch

        return torch.cuda.max_memory_allocated(device)
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def resolve_device(device: str = "auto") -> str:
    """The device that a model will be loaded on, found without importing torch.

    Raises:
        ModelError: the name is neither "auto", "cpu" nor a CUDA device.
    """
    if not isinstance(device, str):
        raise ModelError(f"A device is one of auto, cpu, cuda or cuda:N, not {shown(device)}.")
    if device == "auto":
        return "cuda" if _cuda_is_visible() else "cpu"
    if device == "cpu" or device == "cuda" or (device.startswith("cuda:") and device[5:].isdecimal()):
        return device
    raise ModelError(f"There is no device {shown(device)}. Use auto, cpu, cuda or cuda:N.")


def device_numbers(device: str = "auto") -> tuple[str, ...]:
    """What CUDA_VISIBLE_DEVICES calls the devices that `device` stands for; () where it is the CPU.

    Raises:
        ModelError: as `resolve_device`.
    """
    name, _, number = resolve_device(device).partition(":")
    if name == "cpu":
        return ()
    visible = [each.strip() for each in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if each.strip()]
    if not visible:
        visible = sorted((path.name[len("nvidia") :] for path in _DEVICES.glob("nvidia[0-9]*")), key=int)
    if not number:
        return tuple(visible)
    return tuple(visible[int(number) : int(number) + 1]) or (number,)


def _cuda_is_visible() -> bool:
    if installed_version("torch").endswith("+cpu") or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return any(_DEVICES.glob("nvidia[0-9]*"))


@cache
def installed_version(package: str) -> str:
    """The version of an installed package, as its distribution says, without importing it."""
    # Cached: a page describes its model at every rerun, and each look takes 2 ms.
    return version(package)
