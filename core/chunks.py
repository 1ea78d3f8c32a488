"""Work in chunks that fit into the device: begin large, halve when memory runs out, go on."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from core.errors import OutOfMemoryError

Done = TypeVar("Done")

# The most tokens that go through the decoder at once: enough to keep the device busy, few enough that
# progress moves. Memory sets a limit of its own, `core.room.samples_at_once`.
CHUNK_TOKENS = {"cpu": 2_048, "cuda": 16_384}


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
        except RuntimeError as error:
            size = _smaller(len(chunk), error)
            continue
        yield chunk, result
        done = chunk.stop


def _smaller(size: int, error: RuntimeError) -> int:
    import torch  # here: who only spreads chunks over workers, and has all go well, needs none

    if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
        raise error
    if size == 1:
        raise OutOfMemoryError(
            "The device has no room for even one noise sample. Use a smaller picture (a lower pixel budget), a "
            "shorter answer, a smaller model, or a device with more memory."
        ) from error
    return size // 2
