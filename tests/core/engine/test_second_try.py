"""What passes is tried once more, and nothing else."""

import errno
from types import SimpleNamespace

import pytest
import torch

from core import ModelError
from core.engine import second_try
from core.engine.second_try import FilesChanged, passes, tried_twice


@pytest.fixture(autouse=True)
def pauses(monkeypatch) -> list[float]:
    """The pauses that were made, none of which was waited for."""
    made: list[float] = []
    monkeypatch.setattr(second_try, "time", SimpleNamespace(sleep=made.append))
    return made


def failing(*errors: Exception):
    """A function that raises these, one a call, and then returns "loaded"; with the list of its calls."""
    calls, left = [], list(errors)

    def load() -> str:
        calls.append(len(calls))
        if left:
            raise left.pop(0)
        return "loaded"

    return load, calls


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


PASSING = [
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.ESTALE, "Stale file handle"),
    OSError(errno.ETIMEDOUT, "Connection timed out"),
    ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    TimeoutError(),
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    RuntimeError("Error while deserializing header: I/O error: Too many open files (os error 24)"),
    caused(ModelError("a sentence"), FilesChanged()),
    caused(ModelError("a sentence"), caused(OSError("no number"), OSError(errno.EIO, "Input/output error"))),
]
LASTING = [
    ModelError("There is no model folder."),
    FileNotFoundError(errno.ENOENT, "No such file"),
    PermissionError(errno.EACCES, "Permission denied"),
    OSError("transformers found no file"),
    ValueError("not a model"),
    RuntimeError("Error while deserializing header: invalid header (os error 2)"),
    caused(ModelError("a sentence"), KeyError("config")),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_passes_is_tried_once_more(error, pauses):
    load, calls = failing(error)
    assert passes(error) and tried_twice(load) == "loaded"
    assert len(calls) == 2 and pauses == [second_try.PAUSE]


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_lasts_is_said_at_once(error, pauses):
    load, calls = failing(error)
    with pytest.raises(type(error)) as told:
        tried_twice(load)
    assert told.value is error and len(calls) == 1 and pauses == []


def test_a_second_failure_is_the_last(pauses):
    first, second = OSError(errno.EIO, "first"), OSError(errno.EIO, "second")
    load, calls = failing(first, second)
    with pytest.raises(OSError, match="second") as told:
        tried_twice(load)
    assert told.value is second and len(calls) == 2 and len(pauses) == 1


def test_what_was_handled_on_the_way_counts_as_a_cause():
    try:
        try:
            raise OSError(errno.EMFILE, "Too many open files")
        except OSError:
            raise ModelError("a sentence") from None
    except ModelError as error:
        assert passes(error)
