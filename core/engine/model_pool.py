"""The models that a process keeps loaded. No torch here until the first one is loaded."""

import functools
import gc
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from core.devices import memory_of, release_cached
from core.engine.second_try import FilesChanged, tried_twice
from core.errors import ModelError
from core.memory.budget import Budget, actual_bytes, expected_bytes, is_offered_room
from core.models.checkpoints import ModelCard, describe_model
from core.models.folders.files import file_state

_HALF = Budget()


class ModelPool:
    """Explainers of the models used last; to make room for another one, the longest unused are dropped first.

    Args:
        keep: models that stay loaded at most.
        load: makes an explainer of a card; what it makes is taken to be as large as the model's files say.
        budget: memory that they may take. A model that is larger is loaded alone, if it fits what is free.
    """

    def __init__(self, keep: int, load: Callable[[ModelCard], Any] | None = None, budget: Budget = _HALF) -> None:
        self._keep = keep
        self._load = load
        self._budget = budget
        self._lock = threading.Lock()
        self._explainers: OrderedDict[tuple[str, str], Any] = OrderedDict()
        # With those that were dropped while a run holds them: their memory is not free before it ends.
        self._alive: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        self._bytes: dict[tuple[str, str], int] = {}

    def get(self, card: ModelCard) -> Any:
        """The explainer of this very model, loaded where needed; whoever uses it holds it until they are done.

        Raises:
            ModelError: it cannot be loaded, there is no room for it, or its files are not those that were described.
        """
        key = (card.fingerprint, card.device)
        with self._lock:
            explainer = self._alive.get(key)
            if explainer is None:
                explainer, self._bytes[key] = self._load_beside(card)
                self._alive[key] = explainer
            self._explainers[key] = explainer
            self._explainers.move_to_end(key)
            while len(self._explainers) > self._keep:
                self._explainers.popitem(last=False)
            return explainer

    def _load_beside(self, card: ModelCard) -> tuple[Any, int]:
        """The explainer and its bytes."""
        needed = expected_bytes(card)
        while self._explainers and not self._has_room(card.device, needed):
            self._explainers.popitem(last=False)
            gc.collect()
        release_cached(card.device)
        free, _ = memory_of(card.device)
        if needed > free and not is_offered_room(card):
            raise ModelError(
                f"The model {card.name} takes {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free where "
                "it would be computed. Choose a smaller model, or try again when nothing else runs there."
            )
        if self._load is not None:
            return self._load(card), needed
        explainer = load_described(card)
        return explainer, actual_bytes(explainer.loaded.model)

    def _has_room(self, device: str, needed: int) -> bool:
        taken = sum(self._bytes[key] for key in list(self._alive) if key[1] == device)
        is_within = taken + needed <= self._budget.on(device) and needed <= memory_of(device)[0]
        return is_within and len(self._explainers) < self._keep


def load_described(card: ModelCard) -> Any:
    """An explainer of the model that `card` describes, if its files still, and here, are that model's.

    What fails for a reason that passes is tried once more: see `core.engine.second_try`.

    Raises:
        ModelError: they are not, or it cannot be loaded.
    """
    return tried_twice(lambda: _load_unchanged(card))


def _load_unchanged(card: ModelCard) -> Any:
    """`_load_checked`, unless files change meanwhile: then it may be half old and half new, or fail by that alone."""
    before = _state(card)
    try:
        explainer = _load_checked(card)
    except ModelError as error:
        if _state(card) == before:
            raise
        raise _changed(card) from FilesChanged(str(error))
    if _state(card) != before:
        raise _changed(card) from FilesChanged()
    return explainer


def _load_checked(card: ModelCard) -> Any:
    here = describe_model(None if card.is_embedded else card.folder, card.device, card.options)
    if here.fingerprint != card.fingerprint:
        raise ModelError(
            f"The model {card.name} is another one now, or another one where it is computed, than the page described: "
            "its files, or the versions of torch and transformers, differ. Where other machines compute, install the "
            "same on all of them; then open the page anew and run it again."
        )
    return _loader()(here)


def _state(card: ModelCard) -> object:
    try:
        return file_state(card.folder)
    except OSError as error:  # equal to no other: a file went away between two looks, or cannot be looked at
        return error


def _changed(card: ModelCard) -> ModelError:
    return ModelError(
        f"The files of the model {card.name} changed while they were read. Wait until they are copied, then run it "
        "again."
    )


@functools.cache
def _loader() -> Callable[[ModelCard], Any]:
    """Makes a `core.Explainer` of a card; the first call imports torch and transformers, which takes seconds.

    They bring 300,000 objects that never die. Each full collection would look through them all and
    hold the interpreter for a quarter of a second, so they are set aside.
    """
    from core.engine.explainer import Explainer
    from core.models.loading import load_model

    gc.collect()
    gc.freeze()
    return lambda card: Explainer(load_model(card))
