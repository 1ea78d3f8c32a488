"""Early, middle and late: the mean map of each third of the depth."""

import numpy as np

from core.schema import ExplainResult
from core.schema.layers import thirds


def stage_means(result: ExplainResult) -> dict[str, tuple[tuple[int, ...], np.ndarray]]:
    """Name of a third -> (the layers of it that are held, their mean map, float32, as `ExplainResult.at` shapes it).

    Layers are brought to the same maximum before the mean, since raw heat differs by orders of magnitude between
    depths. A third without a layer is left out.
    """
    means = {}
    for stage, layers in thirds(result.total_layers).items():
        held = tuple(layer for layer in layers if layer in result.layers)
        if held:
            heats = [result.at(layer) / max(float(result.at(layer).max()), 1e-30) for layer in held]
            means[stage] = held, np.mean(heats, axis=0, dtype=np.float32)
    return means
