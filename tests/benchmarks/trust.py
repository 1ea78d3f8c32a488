"""How well the trust badge tells true maps from false ones. Run by hand: `python -m tests.benchmarks.trust`.

The badge knows no right place; here it is held against the pixels of held-out scenes. Methods are chosen from
the truest to the falsest, so that there is something to tell apart.
"""

import argparse

import numpy as np
import torch

from core.evaluation.benchmark.localisation import cases, judge, maps_of
from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.sinks.measure import explainer_of, scenes_with_sinks
from core.evaluation.benchmark.sinks.strengths import PLAIN, STRENGTHS
from core.evaluation.trust.assess import assess
from core.evaluation.trust.verdict import judge as verdict

METHODS = ("combined", "gradient_deviation", "attention", "hirescam", "xgradcam", "gradcam", "tam")
WITH_SINKS = ("combined", "gradient_deviation", "attention", "attention_rollout", "input_gradient")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1, help="more than one stalls where other work is running")
    parser.add_argument("--sinks", choices=[PLAIN, *STRENGTHS], help="how strong; the scenes are the same for all")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    explainer = explainer_of(options.sinks or PLAIN)
    methods = WITH_SINKS if options.sinks else METHODS
    shipped = explainer_of(PLAIN)
    chosen = (
        scenes_with_sinks(shipped, options.scenes)
        if options.sinks
        else (case for (case,) in cases(shipped, options.scenes))
    )
    layer, pointing = explainer.total_layers // 2, list(METRICS).index("pointing")
    rows = []
    for case in chosen:
        for name, result in maps_of(explainer, case, methods).items():
            which = layer if result.layers else None
            level = verdict(assess(explainer, case.picture, result, which)).level
            right = judge(result.heat, case.mask)[result.request.maps.index(which), pointing]
            rows.append((name, level, right))
    print(f"{options.scenes} scenes, methods with layers at layer {layer}")
    for level in ("strong", "mixed", "weak"):
        right = [right for _, found, right in rows if found == level]
        if right:
            print(f"  {level:7s}{len(right):4d} maps, of which {np.mean(right):.2f} point right")
    for name in methods:
        levels = [level for found, level, _ in rows if found == name]
        right = np.mean([right for found, _, right in rows if found == name])
        told = ", ".join(f"{level} {levels.count(level)}" for level in ("strong", "mixed", "weak"))
        print(f"  {name:20s}{told}; points right in {right:.2f}")


if __name__ == "__main__":
    main()
