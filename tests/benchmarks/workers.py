"""What worker processes gain and cost. Run by hand: `python -m tests.benchmarks.workers`.

One and two workers and this process itself, in turns, on the same run of the mid-size model's stand-in:
many samples of the embedded one. Every process computes with one thread, so that a second worker means a
second core; where other work keeps the cores busy, it cannot gain.
"""

import argparse
import os
import time
from dataclasses import replace
from statistics import median

import torch

from core.distributed.cluster import start_workers
from core.distributed.explainer import DistributedExplainer
from core.engine.explainer import Explainer
from core.inputs.pictures import load_picture
from core.models.checkpoints import describe_model
from core.scenes.scene import sample
from core.schema import ExplainRequest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=600, help="about ten seconds on one core")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    os.cpu_count = lambda: 1  # what each worker is to have
    torch.set_num_threads(1)
    card, scene = describe_model(device="cpu"), sample(1_700_001, "where")
    picture = load_picture(scene.image)
    request = ExplainRequest(
        image=picture.digest,
        prompt=scene.question,
        model=card.fingerprint,
        layers=tuple(range(card.total_layers)),
        num_samples=options.samples,
    )
    clients = {count: start_workers(count) for count in (1, 2)}
    ways = {"this process": Explainer.from_pretrained(card)}
    ways |= {f"workers: {count}": DistributedExplainer(client, card) for count, client in clients.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():  # every process loads its model
        way.run(picture, [replace(request, num_samples=40)])
    for _ in range(options.turns):
        for name, way in ways.items():
            started = time.perf_counter()
            way.run(picture, [request])
            seconds[name].append(time.perf_counter() - started)
    here, one, two = (median(values) for values in seconds.values())
    print(f"{options.samples} samples: {here:.2f} s in this process, {one:.2f} s on one worker, {two:.2f} s on two")
    print(f"one worker costs {100 * (one / here - 1):+.1f} % (goal: at most 5)")
    print(f"two workers are {one / two:.2f} times as fast as one (goal: 1.7)")
    for client in clients.values():
        client.close()
        client.cluster.close()


if __name__ == "__main__":
    main()
