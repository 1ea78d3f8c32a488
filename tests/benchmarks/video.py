"""What a video of 16 frames costs. Run by hand: `python -m tests.benchmarks.video`.

Memory is what is predicted for the 3B and 7B shapes in 16 bits. Time is CPU time, side by side in one run: all layers
against one, and the video against one picture of about as many visual tokens.
"""

import argparse
import time

import numpy as np
import torch

from core.inputs.pictures import load_picture
from core.inputs.videos.video import Video
from core.memory.estimate import peak, sweep_load
from core.memory.forecast import TEMPLATE
from core.models.dimensions import Dimensions
from core.models.video_size import QWEN2, fitted_frames, steps_of
from core.schema import Target
from tests.benchmarks.sizes import build, configure
from tests.benchmarks.sweep import timed
from tests.conftest import gradient_picture

FRAMES, SIDE, PROMPT = 16, 448, "What happens in this video?"
ROOM, MOST = 40e9, 1.15
WEIGHTS = {"3b": 7.5e9, "7b": 16.6e9}
PUBLISHED = {"min_pixels": 3_136, "max_pixels": 12_845_056}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="midsize")
    parser.add_argument("--side", type=int, default=112, help="pixels on a frame's side where time is measured")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    columns, rows = fitted_frames((SIDE, SIDE), FRAMES, QWEN2, PUBLISHED, 28, None)
    visual = steps_of(FRAMES) * columns * rows
    for name, weights in WEIGHTS.items():
        dimensions = Dimensions.of(configure(name).to_dict())
        for samples in (1, 4, 8):
            load = sweep_load(dimensions.layers, TEMPLATE + visual + 128, visual, 128, samples)
            taken = peak(dimensions, load, 2, round(weights))
            said = f" (goal: at most {ROOM / 1e9:.0f} GB)" if (name, samples) == ("7b", 1) else ""
            print(
                f"{name}, {FRAMES} frames at {SIDE} x {SIDE}, {visual:,} tokens, {samples} samples: "
                f"{taken / 1e9:.1f} GB{said}"
            )
    torch.set_num_threads(1)
    explainer = build(options.config)
    noise = np.random.default_rng(0).integers(0, 256, (FRAMES, options.side, options.side, 3), dtype=np.uint8)
    video = Video.of(noise, np.arange(FRAMES) / 2)
    answer = explainer.answer(prompt=PROMPT, video=video, max_new_tokens=8).text

    def explain(layers, **given):
        options = {"num_samples": 1, "target": Target.answer(sentence=answer or "x")}
        return lambda: explainer.explain(prompt=PROMPT, layers=layers, **options, **given)

    side = round(options.side * steps_of(FRAMES) ** 0.5 / 28) * 28
    picture = load_picture(gradient_picture(side, side))
    runs = [explain("all", video=video), explain([0], video=video), explain("all", image=picture)]
    every, one, still = timed(runs, options.repeats, time.process_time)
    ratio = f"times {every / one:.2f} (goal: at most {MOST})"
    print(f"{options.config}: all layers {every:.2f} s, one alone {one:.2f} s, {ratio}")
    print(f"  a picture of about as many visual tokens: {still:.2f} s")


if __name__ == "__main__":
    main()
