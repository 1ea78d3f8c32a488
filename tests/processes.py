"""Processes that tests start end with the tests, however these end."""

import ctypes
import signal

_LIBC = ctypes.CDLL(None)  # looked up here: not between fork and exec
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """For `preexec_fn`: Linux ends the process when the one that started it is gone, killed or not."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
