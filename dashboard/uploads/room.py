"""How much room uploaded files take, and who may have how much of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.session.refusals import SERVER_IS_FULL, VISITOR_HAS_ENOUGH, Refusal

MB = 2**20
LEAST = 64 * 1024
"""Bytes that a file counts as at least: an empty one takes some, too, and there could be any number of them."""


@dataclass(frozen=True)
class Limits:
    """How much may be uploaded, in bytes.

    Attributes:
        single: one file.
        per_visitor: what is held for one visitor, files on their way included.
        in_all: what is held for everybody.
    """

    single: int
    per_visitor: int
    in_all: int


class UploadRefused(OSError):  # what reads a body closes its temporary files after an OSError, and at once
    """An upload is not taken.

    Attributes:
        status: as HTTP has it.
        sentence: why, and what to do.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class UploadRoom:
    """Gives room to files on their way. Not thread-safe: the server's own loop alone asks.

    No visitor gets more than is left for all others, so that whoever comes later finds room, too, however much is
    taken: the first takes up to a half of it, the next up to a third, and so on.

    Args:
        held: visitor -> bytes of the files that have arrived and are kept, as they are now.
        let_go: drops what nobody needs any more; called where there is no room.
    """

    def __init__(
        self, limits: Limits, held: Callable[[], Mapping[str, int]], let_go: Callable[[], object] = lambda: None
    ) -> None:
        self.limits = limits
        self._held = held
        self._let_go = let_go
        self._on_their_way: Counter[str] = Counter()

    def take(self, visitor: str, size: int) -> None:
        """Takes room for so many further bytes; `give_back` must follow.

        Raises:
            UploadRefused: there is none.
        """
        try:
            self._check(visitor, size)
        except UploadRefused:
            self._let_go()
            self._check(visitor, size)
        self._on_their_way[visitor] += size

    def give_back(self, visitor: str, size: int) -> None:
        """Gives back room: the file has arrived, and is held, or it never will."""
        self._on_their_way[visitor] -= size
        if self._on_their_way[visitor] <= 0:
            del self._on_their_way[visitor]

    def _check(self, visitor: str, size: int) -> None:
        held, limits = self._held(), self.limits
        mine = held.get(visitor, 0) + self._on_their_way[visitor] + size
        everybody = sum(held.values()) + self._on_their_way.total() + size
        if mine > limits.per_visitor:
            raise UploadRefused(429, Refusal(VISITOR_HAS_ENOUGH, count=limits.per_visitor // MB))
        if mine > limits.in_all - everybody:
            raise UploadRefused(429, Refusal(SERVER_IS_FULL, count=limits.in_all // MB))
