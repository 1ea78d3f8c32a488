"""Maps of a model of full size whose layers lie on disk, against those of the same model on one device.

Run by hand, with accelerate installed: `python -m tests.benchmarks.offloaded`. Says how far the maps are off, how
long each run takes, and how much memory the weights take in between.
"""

import argparse
import tempfile
import time

import numpy as np
import torch

from core import ExplainResult, Target
from core.devices import memory_of, peak_bytes, reset_peak
from core.engine.explainer import Explainer
from core.inputs.pictures import load_picture
from core.memory.budget import actual_bytes
from core.models.loading import wrap_model
from tests.benchmarks.sizes import SHAPES, build
from tests.conftest import gradient_picture

METHODS = ["combined", "hirescam", "attention_gradient", "logit_lens", "input_gradient"]
SENTENCE = "A red block on a grey gradient."


def main() -> None:
    from accelerate import disk_offload

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", choices=SHAPES, default="3b")
    parser.add_argument("--layers", type=int, help="only so many decoder layers")
    parser.add_argument("--grid", type=int, nargs=2, default=(6, 8), help="rows and columns of visual tokens")
    options = parser.parse_args()
    torch.set_num_threads(1)
    only = {"num_hidden_layers": options.layers} if options.layers else {}
    explainer = build(options.config, torch.bfloat16, **only)
    _say(f"{options.config}: {explainer.total_layers} layers of bfloat16", explainer)
    rows, columns = options.grid
    whole = _run(explainer, rows, columns)
    with tempfile.TemporaryDirectory() as folder:
        disk_offload(explainer.loaded.model, folder, execution_device=torch.device("cpu"))
        spread = Explainer(wrap_model(explainer.loaded.model, explainer.loaded.processor))
        _say("offloaded to disk", spread)
        found = _run(spread, rows, columns)
    for name in METHODS:
        heat, wanted = found.of(name).heat, whole.of(name).heat
        off = np.abs(heat - wanted).max() / np.abs(wanted).max()
        print(f"{name:20s} off by {off:.1e} of the largest; {'equal' if off < 1e-3 else 'NOT EQUAL'} within 1e-3")


def _run(explainer: Explainer, rows: int, columns: int) -> ExplainResult:
    picture, device = load_picture(gradient_picture(rows * 28, columns * 28)), explainer.loaded.device
    reset_peak(device)
    started = time.perf_counter()
    result = explainer.explain(
        picture,
        "Describe the picture.",
        method=METHODS,
        target=Target.text(SENTENCE),
        num_samples=1,
        noise_std=0.0,
        max_pixels=rows * columns * 28 * 28,
    )
    seconds = time.perf_counter() - started
    print(f"  {len(METHODS)} methods, all layers: {seconds:.0f} s, peak {peak_bytes(device) / 1e9:.1f} GB", flush=True)
    return result


def _say(what: str, explainer: Explainer) -> None:
    size = actual_bytes(explainer.loaded.model) / 1e9
    print(f"{what}: {size:.2f} GB of weights in memory, {memory_of('cpu')[0] / 1e9:.1f} GB free", flush=True)


if __name__ == "__main__":
    main()
