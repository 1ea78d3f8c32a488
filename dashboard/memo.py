"""A memo of what was drawn or counted already, as long as the run or picture that it shows is in memory.

Scrubbing back, a film's second showing and a colleague who looks at the same run draw nothing again.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

MOST = 96
"""Remembered of one owner: pictures of all layers of a deep model, twice; some 100 KB each."""

T = TypeVar("T")
_memo: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()
_lock = threading.Lock()


def memoised(owner: Any, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gave for this key before, or gives now; the longest unused goes first.

    Args:
        owner: whose life it shares, told apart by identity.
        key: everything that it depends on besides the owner; with None, nothing is remembered.
    """
    if key is None:
        return make()
    with _lock:
        mine = _memo.setdefault(owner, {})
        if key in mine:
            mine[key] = mine.pop(key)
            return mine[key]
    made = make()  # outside of the lock: others are not to wait for it
    with _lock:
        mine[key] = made
        while len(mine) > MOST:
            mine.pop(next(iter(mine)))
    return made
