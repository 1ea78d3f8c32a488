"""Is the vision tower's finer map finer knowledge? Run by hand: `python -m tests.benchmarks.patches`.

Held-out scenes, and every map judged on the grid of patches: the tower's own, the decoder's with each cell
repeated, and the decoder's enlarged smoothly. And on the decoder's grid: the tower's summed over each token.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import torch

from core.engine.explainer import Explainer
from core.evaluation.benchmark.confidence import mean_interval
from core.evaluation.benchmark.localisation import cases, judge, maps_of
from core.evaluation.benchmark.metrics import METRICS
from core.heatmap import on_grid
from core.schema import ExplainResult
from core.schema.methods import COMBINED

SHOWN = ("pointing", "energy", "auc", "best_iou")
LAYERED = ("gradient_deviation", "gradient_norm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    options = parser.parse_args()
    torch.set_num_threads(1)
    explainer = Explainer.from_pretrained(device="cpu")
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for (case,) in cases(explainer, options.scenes):
        tower = maps_of(explainer, case, LAYERED, part="tower")
        decoder = maps_of(explainer, case, (*LAYERED, COMBINED))
        for name, kind, heat in both_ways(tower, decoder):
            found.setdefault((name, kind), []).append(judge(heat, case.mask))
    for (name, kind), values in found.items():
        print(f"\n{name}, {kind}")
        interval = mean_interval(np.stack(values))
        for metric in SHOWN:
            column = list(METRICS).index(metric)
            ends = zip(*(getattr(interval, end)[:, column] for end in ("mean", "low", "high")), strict=True)
            print(f"  {metric:9s}" + "  ".join(f"{mean:.2f} ({low:.2f}-{high:.2f})" for mean, low, high in ends))


def both_ways(
    tower: dict[str, ExplainResult], decoder: dict[str, ExplainResult]
) -> Iterator[tuple[str, str, np.ndarray]]:
    """(method, what was done to its maps, heat [maps, rows, columns])."""
    (rows, columns), patches = decoder[COMBINED].grid, tower[LAYERED[0]].grid
    for name, result in tower.items():
        yield name, "tower, on patches", result.heat
        summed = result.heat.reshape(-1, rows, patches[0] // rows, columns, patches[1] // columns).sum((2, 4))
        yield name, "tower, summed over tokens", summed
    for name, result in decoder.items():
        yield name, "decoder, on tokens", result.heat
        repeated = result.heat.repeat(patches[0] // rows, 1).repeat(patches[1] // columns, 2)
        yield name, "decoder, repeated on patches", repeated
        yield name, "decoder, enlarged to patches", on_grid(result.heat, patches)


if __name__ == "__main__":
    main()
