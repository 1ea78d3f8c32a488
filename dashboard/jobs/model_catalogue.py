"""Which models may be chosen, and what is known of them without torch."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from core import ExplainError, ModelError
from core.models.adapter_base import local_folder
from core.models.adapters import is_adapter
from core.models.checkpoints import EMBEDDED, ModelCard, describe_model
from core.models.folders.hub import is_whole_here
from core.models.folders.locating import is_hub_id
from core.models.options import split_options
from dashboard.jobs.model_downloads import DownloadState, ModelDownload

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a page waits for a model's description before it says that it is being fetched."""

AGAIN = 20.0
"""Seconds after which a download that failed is tried again by whoever looks: each page that shows why would else begin
one at every click."""


class Catalogue:
    """Descriptions of the models that people may choose.

    Looking at a folder takes milliseconds and is done each time, so that a checkpoint that changes
    is noticed. A model of the hub of which something lacks is fetched first, which takes minutes: that happens once,
    when somebody chooses it, and no page waits for it. A model that cannot be used says why when it is chosen, and is
    in nobody else's way.

    Args:
        choices: names from the settings, the only ones that are ever described.
        device: from the settings.
        is_present: whether one who waits for a download is still there.
    """

    def __init__(
        self, choices: tuple[str, ...], device: str, is_present: Callable[[str], bool] = lambda waiter: True
    ) -> None:
        self.choices = choices
        self._device = device
        self._is_present = is_present
        self._lock = threading.Lock()
        self._downloads: dict[str, ModelDownload] = {}

    def describe(self, choice: str) -> ModelCard | None:
        """The model's card, or None while it is being fetched, which this begins where needed.

        Raises:
            DownloadStopped: somebody has stopped fetching it; `fetch` begins anew.
            ModelError: it is not offered here, or cannot be used; the sentence says why.
        """
        if choice not in self.choices:
            raise ModelError(f"The model {choice} is not offered here. Choose one of the list.")
        if _is_here(choice):
            return self._look(choice)
        with self._lock:
            download = self._downloads.get(choice)
            if download is None or download.is_older(AGAIN):
                download = self._downloads[choice] = ModelDownload(partial(self._fetch, choice))
        return download.card(PATIENCE)

    def find(self, fingerprint: str) -> str | None:
        """The choice whose model has this fingerprint; None where no model that is ready has it. Fetches none."""
        return next((choice for choice, card in self._ready() if card.fingerprint == fingerprint), None)

    def ready(self) -> list[tuple[str, ModelCard]]:
        """Every choice whose model can be asked now, with its card. Fetches none."""
        return list(self._ready())

    def card_of(self, fingerprint: str) -> ModelCard | None:
        """The card of a model that is ready, and offered or the base of one that is; None where none is this one."""
        return next((card for card in self._with_bases() if card.fingerprint == fingerprint), None)

    def others_like(self, card: ModelCard) -> list[ModelCard]:
        """Models with which a model's maps can be compared layer by layer, its base before all others.

        They are of its kind and depth, ready, and offered here, or the base of one that is.
        """
        shape = (card.model_type, card.total_layers, card.total_blocks)
        ready = {each.fingerprint: each for each in self._with_bases()}
        ready.pop(card.fingerprint, None)
        alike = [each for each in ready.values() if (each.model_type, each.total_layers, each.total_blocks) == shape]
        return sorted(alike, key=lambda each: not is_base_of(each, card))

    def _ready(self) -> Iterator[tuple[str, ModelCard]]:
        for choice in self.choices:
            try:
                card = self._look(choice) if _is_here(choice) else self._fetched(choice)
            except ExplainError:
                continue
            if card is not None:
                yield choice, card

    def _with_bases(self) -> Iterator[ModelCard]:
        adapted = []
        for _, card in self._ready():
            yield card
            if card.options.adapter is not None:
                adapted.append(card)
        for card in adapted:
            try:
                yield describe_model(card.folder, self._device, replace(card.options, adapter=None))
            except ExplainError:  # it changed meanwhile
                continue

    def fetch(self, choice: str) -> None:
        """Fetches what was stopped, as soon as it is described again."""
        with self._lock:
            download = self._downloads.get(choice)
            if download is not None and download.is_over:
                del self._downloads[choice]

    def download(self, choice: str, waiter: str) -> DownloadState | None:
        """How far a model is fetched, for one who waits for it from now on; None where it is not being fetched."""
        with self._lock:
            download = self._downloads.get(choice)
            if download is None or download.is_over:
                return None
            download.waiters = {waiter, *filter(self._is_present, download.waiters)}
            return download.state(waiter)

    def stop(self, choice: str, waiter: str) -> bool:
        """One who waits for a model no longer wants it; returns whether that ends its download.

        It goes on while somebody else who is present waits for it.
        """
        with self._lock:
            download = self._downloads.get(choice)
            if download is None or download.is_over:
                return False
            download.waiters = set(filter(self._is_present, download.waiters - {waiter}))
            if download.waiters:
                return False
            download.stop()
            return True

    def _fetched(self, choice: str) -> ModelCard | None:
        with self._lock:
            download = self._downloads.get(choice)
        return None if download is None or not download.is_over else download.card(0)

    def _look(self, choice: str) -> ModelCard:
        name, _ = split_options(choice)
        folder = local_folder(name)
        # The base of an adapter may be one of the others.
        more = {"among": self.choices} if folder is not None and is_adapter(folder) else {}
        return self._described(choice, None if choice == EMBEDDED else choice, **more)

    def _fetch(self, choice: str, on_progress: Callable) -> ModelCard:
        return self._described(choice, choice, on_progress=on_progress)

    def _described(self, choice: str, model: str | None, **options: Any) -> ModelCard:
        try:
            return describe_model(model, self._device, **options)
        except ExplainError:
            raise
        except Exception as error:  # it must not take pages away that are about other models
            logger.exception("The model %s could not be looked at.", choice)
            raise ModelError(
                f"The model {choice} could not be looked at: something went wrong inside the program. The server's log "
                "says what."
            ) from error


def _is_here(choice: str) -> bool:
    """Whether nothing has to be fetched to describe it."""
    name, _ = split_options(choice)
    return name == EMBEDDED or not is_hub_id(name) or is_whole_here(name)


def is_base_of(base: ModelCard, card: ModelCard) -> bool:
    """Whether a model is another one without its adapter."""
    bare = replace(card.options, adapter=None)
    return card.options.adapter is not None and (base.folder.resolve(), base.options) == (card.folder.resolve(), bare)
