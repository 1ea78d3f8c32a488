"""Work in chunks that fit into the device: begin large, halve when memory runs out, go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core.errors import OutOfMemoryError

Done = TypeVar("Done")

# The most tokens that go through the decoder at once: enough to keep the device busy, few enough that
# progress moves. Memory sets a limit of its own, `core.memory.fit.samples_at_once`.
CHUNK_TOKENS = {"cpu": 2_048, "cuda": 16_384}

# What is said on the CPU where memory runs out: by PyTorch, and by oneDNN, whose kernels need some of their own.
_SIGNS = ("can't allocate memory", "could not create a primitive")

_REMEDY = (
    "Use a smaller picture (a lower pixel budget), a shorter answer, a smaller model, or a device with more memory."
)


def first_chunk_size(length: int, device: str, total: int) -> int:
    """Sequences of `length` tokens to begin with, at least 1 and at most `total`."""
    return max(1, min(total, CHUNK_TOKENS.get(device, CHUNK_TOKENS["cpu"]) // length))


def in_chunks(total: int, size: int, work: Callable[[range], Done], begin: int = 0) -> Iterator[tuple[range, Done]]:
    """`work` on consecutive ranges that cover begin, ..., total - 1, at most `size` long.

    A range for which the device's memory does not suffice is tried again in halves.

    Yields:
        Each range with what `work` returned for it.

    Raises:
        OutOfMemoryError: there is no half of one.
    """
    done = begin
    while done < total:
        chunk = range(done, min(done + size, total))
        try:
            result = work(chunk)
        except (RuntimeError, MemoryError) as error:
            size = _smaller(len(chunk), error)
            continue
        yield chunk, result
        done = chunk.stop


@contextmanager
def whole() -> Iterator[None]:
    """For work that cannot be cut into chunks.

    Raises:
        OutOfMemoryError: the device's memory does not suffice for what is done within.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(f"The device has too little memory for this. {_REMEDY}") from error


def _smaller(size: int, error: Exception) -> int:
    if not is_out_of_memory(error):
        raise error
    if size == 1:
        raise OutOfMemoryError(f"The device has no room for even one noise sample. {_REMEDY}") from error
    return size // 2


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, of the machine or of a device."""
    import torch  # here: who only spreads chunks over workers, and has all go well, needs none

    is_said = any(sign in str(error) for sign in _SIGNS)
    return is_said or isinstance(error, (torch.OutOfMemoryError, MemoryError))
