"""The model of a command: described when that is first needed, and loaded once, whatever is asked of it."""

import argparse
from functools import cached_property
from typing import TYPE_CHECKING

from core.cli import forecast, model_arguments
from core.cli.terminal.progress_bar import ProgressBar
from core.memory.forecast import Forecast
from core.models.checkpoints import ModelCard, describe_model

if TYPE_CHECKING:
    from core.engine.explainer import Explainer


class ChosenModel:
    """Of one command.

    Args:
        options: with those of `model_arguments.add_model`.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._explainer: Explainer | None = None

    @cached_property
    def card(self) -> ModelCard:
        """What is known of it before it is loaded; a model of the hub is fetched here.

        Raises:
            ModelError: it cannot be used.
        """
        with ProgressBar() as bar:
            return describe_model(
                model_arguments.chosen_model(self._options), self._options.device, on_progress=bar.show
            )

    def load(self, expected: Forecast | None = None) -> "Explainer":
        """The explainer; the first time, the device is measured and the time said that was `expected` of the run.

        Raises:
            ModelError: it cannot be loaded.
        """
        if self._explainer is None:
            from core.engine.explainer import Explainer  # after parsing: typing errors should not wait for torch

            self._explainer = Explainer.from_pretrained(self.card)
            forecast.after_loading(self._explainer, expected)
        return self._explainer
