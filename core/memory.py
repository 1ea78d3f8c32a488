"""How much memory work takes at its peak, and how much is free: of the device on CUDA, of the machine on the CPU."""

from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_GROUPS = (
    (_CGROUP / "memory.max", _CGROUP / "memory.current"),
    (_CGROUP / "memory" / "memory.limit_in_bytes", _CGROUP / "memory" / "memory.usage_in_bytes"),
)


def watch(device: torch.device) -> None:
    """Forgets the peak so far: what `peak_bytes` tells from now on is of what follows."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        _FORGET.write_text("5")  # see clear_refs in proc(5): resets the peak resident set size
    except OSError:
        pass  # no Linux, or not allowed to: the peak is then that of the process's whole life


def peak_bytes(device: torch.device) -> int:
    """The most memory in use since `watch`; 0 where the system does not tell.

    On CUDA what PyTorch has allocated on the device, model included; on the CPU the resident set of the
    process, in which the libraries have their share.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def free_bytes(device: torch.device) -> int | None:
    """Memory that work may take now; None where the system does not tell.

    On CUDA what the device has left and what PyTorch keeps for reuse; on the CPU what Linux calls
    available, within the limit of the process's control group.
    """
    if device.type == "cuda":
        reserved, allocated = torch.cuda.memory_reserved(device), torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + reserved - allocated
    try:
        lines = _MEMINFO.read_text().splitlines()
        (available,) = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        return None
    return min([available, *_left_in_group()])


def _left_in_group() -> list[int]:
    """What the control group's limit leaves, for each version of control groups that has one here."""
    left = []
    for limit, used in _GROUPS:
        try:
            left.append(max(0, int(limit.read_text()) - int(used.read_text())))
        except (OSError, ValueError):  # none, or "max"
            continue
    return left
