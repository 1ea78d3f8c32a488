"""How fast devices are, as measured on this server, and how that turned out in runs: what forecasts of time rest on."""

import math
import threading
from pathlib import Path
from typing import Any

from core.memory.device_rate import DeviceRate
from core.memory.forecast import Forecast
from core.models.checkpoints import ModelCard
from dashboard.storage.guesses import read_guesses, write_guesses

FILE = "device_rates.json"
LIKE = 2.0
"""Times by which two measurements of one device may differ: beyond, it is another device."""
TELLING = 0.5
"""Seconds of counted work from which on a run tells something about its device, and not about its own model alone."""
_MOST = 1_000.0
"""Times by which a run may take longer or shorter than counted, to be believed."""


class DeviceRates:
    """Rates of devices, in memory and, as JSON, in a file; safe to share between threads.

    Args:
        folder: the data folder; None to remember for as long as this process lasts.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = None if folder is None else folder / FILE
        self._lock = threading.Lock()
        self._asked: set[str] = set()
        read = read_guesses(self._file)
        self._known = {name: _numbers(known) for name, known in read.items() if isinstance(known, dict)}

    def claim(self, card: ModelCard) -> bool:
        """Whether the device of this model has yet to be measured in this process; asked twice, the second is told no.

        Another device may have come since the server ran last.
        """
        with self._lock:
            name = _device(card)
            is_new = name not in self._asked
            self._asked.add(name)
            return is_new

    def is_measured(self, card: ModelCard) -> bool:
        """Whether the rate of this model's device is known."""
        return self._rate(card) is not None

    def put(self, card: ModelCard, rate: DeviceRate) -> None:
        """Remembers what was measured, unless it is what is known anyway: measurements beside other work vary."""
        with self._lock:
            before = self._rate(card)
            if before is not None and 1 / LIKE < rate.operations / before.operations < LIKE:
                return
            device = card.device
            self._known = {name: known for name, known in self._known.items() if name.split(" ")[0] != device}
            self._known[_device(card)] = dict(vars(rate))
            self._write()

    def note(
        self, card: ModelCard, counted: Forecast, tokens: int, answer: float, samples: int, sampling: float
    ) -> None:
        """Learns from a run.

        Args:
            counted: what was forecast of it.
            tokens: of its answer.
            answer: seconds that this took; 0 where it was there already.
            samples: that were computed.
            sampling: seconds that they took.
        """
        with self._lock:
            rate = self._rate(card)
            if rate is None:
                return
            pieces = {
                "answer": (answer, counted.answer_seconds(rate, tokens) if tokens else 0),
                "samples": (sampling, samples * counted.sample_seconds(rate) if counted.counted else 0),
            }
            for piece, (taken, expected) in pieces.items():
                if taken > 0 and expected > 0:
                    self._learn(_model(card), piece, taken / expected)
                    if expected >= TELLING:
                        self._learn(_device(card), piece, taken / expected)
            if answer > 0 and tokens:
                self._learn(_model(card), "tokens", float(tokens))
            self._write()

    def has_run(self, card: ModelCard) -> bool:
        """Whether a run of this model told how long its samples really take."""
        return "samples" in self._known.get(_model(card), {})

    def seconds(self, card: ModelCard, counted: Forecast, samples: int, *, answered: bool = False) -> float | None:
        """How long so many samples will take.

        An answer is taken to be as long as this model's usually are, or as long as it may be where there was none yet.

        Args:
            answered: whether the answer is there already.

        Returns:
            None where its device was not measured yet, or what the method does is not counted.
        """
        with self._lock:
            rate = self._rate(card)
            if rate is None or not counted.counted:
                return None
            usual = self._known.get(_model(card), {}).get("tokens", counted.longest)
            answer = 0 if answered else counted.answer_seconds(rate, min(math.ceil(usual), counted.longest))
            return answer * self._factor(card, "answer") + samples * counted.sample_seconds(rate) * self._factor(
                card, "samples"
            )

    def _rate(self, card: ModelCard) -> DeviceRate | None:
        known = self._known.get(_device(card), {})
        try:
            return DeviceRate(known["operations"], known["bytes"], known["starts"])
        except KeyError:
            return None

    def _factor(self, card: ModelCard, piece: str) -> float:
        """How much longer than counted a piece takes: of this model, else of others on its device."""
        names = (_model(card), _device(card))
        return next((self._known[name][piece] for name in names if piece in self._known.get(name, {})), 1.0)

    def _learn(self, name: str, what: str, value: float) -> None:
        if not (what == "tokens" or 1 / _MOST < value < _MOST):
            return
        known = self._known.setdefault(name, {})
        known[what] = math.sqrt(known[what] * value) if what in known else value

    def _write(self) -> None:
        write_guesses(self._file, self._known)


def _device(card: ModelCard) -> str:
    return f"{card.device} {card.dtype}"


def _model(card: ModelCard) -> str:
    return f"{card.device} {card.dtype} {card.fingerprint[:16]}"


def _numbers(known: dict[Any, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in known.items()
        if type(value) in (int, float) and math.isfinite(value) and value > 0
    }
