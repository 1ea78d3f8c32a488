"""The models that a process keeps loaded. No torch here until the first one is loaded."""

import functools
import gc
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from core.checkpoints import ModelCard, describe_model
from core.errors import ModelError


class LoadedModels:
    """Explainers of the models used last.

    Args:
        keep: models that stay loaded at most.
        load: makes an explainer of a card.
    """

    def __init__(self, keep: int, load: Callable[[ModelCard], Any] | None = None) -> None:
        self._keep = keep
        self._load = load or load_described
        self._lock = threading.Lock()
        self._explainers: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def get(self, card: ModelCard) -> Any:
        """The explainer of this very model, loaded where needed.

        Raises:
            ModelError: it cannot be loaded, or its files are not those that were described.
        """
        key = (card.fingerprint, card.device)
        with self._lock:
            if key not in self._explainers:
                while len(self._explainers) >= self._keep:
                    self._explainers.popitem(last=False)
                self._explainers[key] = self._load(card)
            self._explainers.move_to_end(key)
            return self._explainers[key]


def load_described(card: ModelCard) -> Any:
    """An explainer of the model that `card` describes, if its files still, and here, are that model's.

    Raises:
        ModelError: they are not, or it cannot be loaded.
    """
    here = describe_model(None if card.is_embedded else card.folder, card.device)
    if here.fingerprint != card.fingerprint:
        raise ModelError(
            f"The model {card.name} is another one now, or another one where it is computed, than the page described: "
            "its files, or the versions of torch and transformers, differ. Where other machines compute, install the "
            "same on all of them; then open the page anew and run it again."
        )
    return _engine().from_pretrained(here)


@functools.cache
def _engine() -> Any:
    """The class `core.Explainer`; the first call imports torch and transformers, which takes seconds.

    They bring 300,000 objects that never die. Each full collection would look through them all and
    hold the interpreter for a quarter of a second, so they are set aside.
    """
    from core.explainer import Explainer

    gc.collect()
    gc.freeze()
    return Explainer
