"""Runs about a video: a white square that walks, and heat that walks with it."""

import numpy as np

from core import ExplainResult
from core.schema import gather
from core.schema.run_requests import whole_run
from core.schema.time_steps import TimeStep
from tests.cache.samples import make_request, make_result

STEPS, GRID = 6, (3, 6)


def square_frames(steps: int = STEPS, size: tuple[int, int] = (120, 60)) -> np.ndarray:
    """A frame for each step, uint8 [steps, height, width, 3]: a white square in column `step` on grey."""
    width, height = size
    frames = np.full((steps, height, width, 3), 60, np.uint8)
    for step in range(steps):
        left = step * width // steps
        frames[step, height // 3 : 2 * height // 3, left : left + width // steps] = 255
    return frames


def video_result(steps: int = STEPS, layers: tuple[int, ...] = (0, 1, 2), hottest: int = 3, **changes) -> ExplainResult:
    """A whole run: in step t, column t of the middle row is hot, twice as hot in step `hottest`."""
    request = make_request(frames=2 * steps, layers=layers, **changes)
    return gather([_part(part, steps, hottest) for part in whole_run(request)])


def _part(request, steps: int, hottest: int) -> ExplainResult:
    rows, columns = GRID
    heat = np.full((len(request.maps), steps, rows, columns), 0.01, np.float32)
    for step in range(steps):
        heat[:, step, rows // 2, step % columns] += 2.0 if step == hottest else 1.0
    spans = tuple(TimeStep(float(step), step + 1.0) for step in range(steps))
    return make_result(request, heat=heat, squared_deviation=heat / 10, steps=spans)
