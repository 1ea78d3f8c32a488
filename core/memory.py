"""How much memory work takes at its peak: of the device on CUDA, of this whole process on the CPU."""

from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


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
