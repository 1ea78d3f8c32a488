"""How fast what computes is, and what of its memory is free: measured once, and corrected by every run. No Streamlit.

No torch here: the device is measured where the model is loaded.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from core import ExplainError, ExplainResult
from core.devices import device_numbers, memory_of
from core.memory.device_rate import rate_of
from core.memory.forecast import forecast
from core.models.checkpoints import ModelCard
from dashboard.jobs.backends import Backend, WorkerBackend
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.device_rates import DeviceRates

logger = logging.getLogger(__name__)

FRESH = 5.0
"""Seconds for which what is free on a CUDA device is taken to stay so: asking takes a tenth of one."""

_asked: dict[str, tuple[float, tuple[float, float] | None]] = {}


def note_run(
    backend: Backend, question: Question, computed: Sequence[ExplainResult], samples: int, rates: DeviceRates
) -> None:
    """`learn`, after `measure` where that has yet to be done.

    Where workers compute, in a thread, for somebody waits for the run. Not in the process that computes itself, which
    may end next: PyTorch aborts a process that ends while a thread is within it.
    """

    def note() -> None:
        if not rates.is_measured(question.card):
            measure(backend, question.card, rates)
        learn(question, computed, samples, rates)

    if rates.is_measured(question.card) or not isinstance(backend, WorkerBackend):
        note()
    else:
        threading.Thread(target=note, name="device-speed", daemon=True).start()


def measure(backend: Backend, card: ModelCard, rates: DeviceRates) -> None:
    """Has the device of this model measured, unless this process did so before; a failure costs a forecast alone."""
    if not rates.claim(card):
        return
    try:
        rates.put(card, backend.get(card).call(rate_of, on_step=lambda *_: None))
    except (ExplainError, RuntimeError) as error:
        logger.warning("The speed of the device %s could not be measured: %s", card.device, error)


def learn(question: Question, computed: Sequence[ExplainResult], samples: int, rates: DeviceRates) -> None:
    """Holds what a run took against what was counted.

    Args:
        computed: its results, with the timings of what was computed now.
        samples: how many of its samples were.
    """
    try:
        sizes = [chosen.size for chosen in question.all_pictures]
    except ExplainError:  # a picture is gone by now
        return
    counted = forecast(question.card, sizes, question.request)
    if counted is None or not computed:
        return
    timings = {piece: max(result.timings.get(piece, 0.0) for result in computed) for piece in ("answer", "samples")}
    generated = question.request.target.sentence is None
    tokens = len(computed[0].answer.tokens) if generated else 0
    rates.note(question.card, counted, tokens, timings["answer"], samples, timings["samples"])


def free_memory(card: ModelCard, settings: Settings) -> tuple[float, float] | None:
    """Bytes that are free where this model is computed, and that there are in all; None where nobody here can tell."""
    if settings.scheduler is not None:
        return None
    if not card.device.startswith("cuda"):
        return memory_of("cpu")
    with suppress(IndexError):
        return _free_on(device_numbers(card.device)[0])
    return None


def _free_on(number: str) -> tuple[float, float] | None:
    at, found = _asked.get(number, (0.0, None))
    if not at or time.monotonic() - at > FRESH:
        found = _ask_driver(number)
        _asked[number] = time.monotonic(), found
    return found


def _ask_driver(number: str) -> tuple[float, float] | None:
    """By the driver's own tool, since this process has no torch."""
    query = ["nvidia-smi", f"--id={number}", "--query-gpu=memory.free,memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=2, check=True).stdout
        free, total = (float(part) * 2**20 for part in said.strip().split(","))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return free, total
