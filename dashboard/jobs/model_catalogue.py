"""Which models may be chosen, and what is known of them without torch."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from core import ModelError
from core.models.checkpoints import EMBEDDED, ModelCard, describe_model, is_hub_id
from core.models.options import split_options

PATIENCE = 2.0
"""Seconds that a page waits for a model's description before it says that it is being fetched."""


class Catalogue:
    """Descriptions of the models that people may choose.

    Looking at a folder takes milliseconds and is done each time, so that a checkpoint that changes
    is noticed. A hub id may have to be downloaded first, which takes minutes: that happens once, in
    a thread of its own, and no page waits for it.

    Args:
        choices: names from the settings, the only ones that are ever described.
        device: from the settings.
    """

    def __init__(self, choices: tuple[str, ...], device: str) -> None:
        self.choices = choices
        self._device = device
        self._lock = threading.Lock()
        self._fetches: dict[str, Future[ModelCard]] = {}
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="fetch-model")

    def describe(self, choice: str) -> ModelCard | None:
        """The model's card, or None while it is being fetched.

        Raises:
            ModelError: it is not offered here, or cannot be used; the sentence says why.
        """
        if choice not in self.choices:
            raise ModelError(f"The model {choice} is not offered here. Choose one of the list.")
        if choice == EMBEDDED:
            return describe_model(None, self._device)
        name, _ = split_options(choice)
        if name == EMBEDDED or not is_hub_id(name):
            return describe_model(choice, self._device)
        with self._lock:
            fetch = self._fetches.get(choice)
            if fetch is None:
                fetch = self._fetches[choice] = self._pool.submit(describe_model, choice, self._device)
        try:
            return fetch.result(timeout=PATIENCE)
        except TimeoutError:
            return None
        except Exception:
            with self._lock:
                self._fetches.pop(choice, None)  # whatever it was: the next look tries again
            raise

    def find(self, fingerprint: str) -> str | None:
        """The choice whose model has this fingerprint; None where no model that is ready has it."""
        for choice in self.choices:
            try:
                card = self.describe(choice)
            except ModelError:
                continue
            if card is not None and card.fingerprint == fingerprint:
                return choice
        return None
