"""How fast a device is, measured in a third of a second. No torch here before that."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

_SIDE = {"cpu": 1_024, "cuda": 8_192}
"""Of the square matrices that are multiplied: large enough that the product alone counts."""
_ROWS = {"cpu": 4_096, "cuda": 16_384}
"""Of a matrix with half as many columns, which is larger than any cache."""
_SECONDS = 0.06
_MOST = 50


@dataclass(frozen=True)
class DeviceRate:
    """What a device does in a second.

    Attributes:
        operations: floating-point operations of dense matrix products; a multiplication with an addition counts as two.
        bytes: read from its memory.
        starts: small operations that the process begins one after the other: of its own speed, not the device's.
    """

    operations: float
    bytes: float
    starts: float


def measure_rate(device: str, dtype: str) -> DeviceRate:
    """Measures a device while it does nothing else; other work beside it makes it look slower.

    Args:
        device: as PyTorch calls it.
        dtype: of a model's numbers, "float32", "bfloat16" or "float16".
    """
    import torch

    kind, number = device.partition(":")[0], getattr(torch, dtype)
    side, rows = _SIDE.get(kind, _SIDE["cpu"]), _ROWS.get(kind, _ROWS["cpu"])

    def wait() -> None:
        if kind == "cuda":
            torch.cuda.synchronize(device)

    with torch.inference_mode():
        square = torch.ones(side, side, dtype=number, device=device)
        product = _typical(lambda: square @ square, wait)
        matrix = torch.ones(rows, rows // 2, dtype=number, device=device)
        vector = torch.ones(rows // 2, dtype=number, device=device)
        reading = _typical(lambda: matrix @ vector, wait)
        small = torch.ones(256)
        starting = _typical(lambda: [small + small for _ in range(200)], wait) / 200
    return DeviceRate(2 * side**3 / product, matrix.nbytes / reading, 1 / starting)


def rate_of(explainer: Any, *, on_step: object = None) -> DeviceRate:
    """Of the device that a loaded model lies on, while that computes nothing; to be handed to `Explainer.call`."""
    loaded = explainer.loaded
    with loaded.lock:
        return measure_rate(str(loaded.device), str(loaded.model.dtype).removeprefix("torch."))


def _typical(action: Callable[[], Any], wait: Callable[[], None]) -> float:
    """The median of its seconds, after one to warm up."""
    action()
    wait()
    seconds: list[float] = []
    while len(seconds) < 3 or (sum(seconds) < _SECONDS and len(seconds) < _MOST):
        started = time.perf_counter()
        action()
        wait()
        seconds.append(time.perf_counter() - started)
    return median(seconds)
