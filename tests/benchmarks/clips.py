"""Do maps of clips point where and when? Run by hand: `python -m tests.benchmarks.clips`.

Held-out clips, whose right places and times are known, with a question whose answer rests on an object at some of the
time steps. Where something is at the beginning or at the end is asked of what leaves that place alone: of what stays,
the answer can be read off other steps as well. Explained are right answers, as a whole, without noise unless
`--samples` asks for it: by the gradient deviation, attention and the original's Grad-CAM at every layer, and the
combined map.
"""

import argparse
from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
import torch

from core.engine.explainer import Explainer
from core.evaluation.benchmark.clips import ClipCase, clip_summary, clip_table, measure_clips
from core.scenes.clip_scene import sample_clip
from core.scenes.clip_wording import SHORT_CLIP_KINDS
from core.scenes.clips import compose_clip
from core.scenes.scene import EVALUATION_SEEDS
from core.schema import ExplainRequest, ExplainResult

SEEDS = EVALUATION_SEEDS[700_000:]
"""Beyond those on which checkpoints are measured."""
METHODS = "gradient_deviation", "attention", "gradcam"
NOISE = ExplainRequest.noise_std

PLACES = "begin", "begin_zh", "end", "end_zh"
"""Kinds of question that ask for a place at one time."""


def clip_cases() -> Iterator[ClipCase]:
    """Clips of every short kind by turns, but those whose answer rests on nothing, or can be read off other steps."""
    for seed, kind in zip(SEEDS, cycle(SHORT_CLIP_KINDS), strict=False):
        scene = sample_clip(seed, kind)
        mask = scene.masks.get(scene.answer)
        if mask is not None and mask.any() and not (kind in PLACES and stays(seed, mask)):
            times = np.arange(len(scene.frames)) / scene.rate
            yield ClipCase(scene.frames, times, scene.question, scene.answer, mask, scene.kind)


def stays(seed: int, mask: np.ndarray) -> bool:
    """Whether what a mask marks, bool [steps, height, width], is in the same of nine places at another step, too."""
    right = int(mask.any((1, 2)).argmax())
    return any(
        np.array_equal(thing.masks[right], mask[right]) and thing.cells.count(thing.cells[right]) > 1
        for thing in compose_clip(seed).things
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument(
        "--samples", type=int, default=1, help="noise samples; the dashboard's noise where there are several"
    )
    parser.add_argument("--model", help="folder or hub id; the embedded model when left out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    explainer = Explainer.from_pretrained(options.model, device="cpu")

    def explained(case: ClipCase) -> ExplainResult:
        rate = 1 / (case.times[1] - case.times[0])
        noise = 0.0 if options.samples == 1 else NOISE
        given = {"video": list(case.frames), "fps": rate, "num_samples": options.samples, "noise_std": noise}
        return explainer.explain(prompt=case.prompt, method=METHODS, layers="all", **given)

    print(clip_table(clip_summary(measure_clips(islice(clip_cases(), options.clips), explained))))


if __name__ == "__main__":
    main()
