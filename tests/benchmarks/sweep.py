"""How much the one pass saves. Run by hand: `python -m tests.benchmarks.sweep`.

Everything is measured side by side in one run and told as ratios of CPU time, since machines are shared and noisy.
Memory is the growth of the peak resident size over the loaded model, each manner in a process of its own
(Linux: the peak is reset through /proc/self/clear_refs).
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from core.engine.explainer import Explainer
from core.inputs.pictures import Picture, load_picture
from core.scenes.scene import sample
from tests.benchmarks import original
from tests.benchmarks.sizes import build

PROMPT = "Describe the main content in this image in detail."
MODELS: dict[str, Callable[[], Explainer]] = {
    "embedded": lambda: Explainer.from_pretrained(device="cpu"),
    "midsize": lambda: build("midsize"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=16, help="answer length")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="more than one stalls where other work is running")
    parser.add_argument("--one_pass_only", action="store_true", help="leave out the slow loop and memory")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    picture = load_picture(sample(1_000_000, objects=3).image)
    for name, made in MODELS.items():
        explainer = made()
        layers = tuple(range(explainer.total_layers))
        print(f"\n{name}: {len(layers)} layers, {options.samples} samples, up to {options.tokens} answer tokens")
        one_pass(explainer, picture, options)
        if options.one_pass_only:
            continue
        against_original(explainer, picture, layers, options)
        memory = {manner: peak_growth(name, manner, options) for manner in ("sweep", "original")}
        print(
            f"  peak memory over the loaded model: sweep {memory['sweep']:.0f} MB, original's manner "
            f"{memory['original']:.0f} MB, ratio {memory['sweep'] / memory['original']:.2f} (goal: below 1)"
        )


def one_pass(explainer: Explainer, picture: Picture, options: argparse.Namespace) -> None:
    """All layers against one, answer given. Of one layer alone, the backward pass ends there: the last is cheapest."""
    answer = explainer.answer(picture, PROMPT, max_new_tokens=options.tokens)
    total = explainer.total_layers

    def explain(layers):
        request = explainer.explain(picture, PROMPT, layers=layers, num_samples=1, max_new_tokens=1).request
        request = replace(request, num_samples=options.samples, max_new_tokens=options.tokens)
        return lambda: explainer.run(picture, [request], answer=answer)

    single = {"first": 0, "middle": total // 2, "last": total - 1}
    runs = [explain("all"), *(explain([layer]) for layer in single.values())]
    every, *alone = timed(runs, 5 * options.repeats, time.process_time)
    ratios = ", ".join(f"{name} {every / one:.2f}" for name, one in zip(single, alone, strict=True))
    print(f"  all layers against one alone, times: {ratios} (goal: at most 1.15 against the first)", flush=True)


def against_original(
    explainer: Explainer, picture: Picture, layers: tuple[int, ...], options: argparse.Namespace
) -> None:
    """The whole sweep, generation included."""
    ours, theirs = timed(
        [
            lambda: explainer.explain(picture, PROMPT, num_samples=options.samples, max_new_tokens=options.tokens),
            lambda: original.sweep(explainer, picture, PROMPT, layers, options.samples, options.tokens),
        ],
        options.repeats,
        time.process_time,
    )
    ratio = f"{theirs / ours:.1f} times faster (goal: at least 25 at 12 layers)"
    print(f"  sweep {ours:.2f} s, loop in the original's manner {theirs:.2f} s: {ratio}", flush=True)


def timed(
    functions: list[Callable[[], object]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median seconds of each, run in turn so that a busy moment falls on all alike; one warm-up each."""
    seconds: list[list[float]] = [[] for _ in functions]
    for repeat in range(repeats + 1):
        for place, function in enumerate(functions):
            started = clock()
            function()
            if repeat:
                seconds[place].append(clock() - started)
    return [statistics.median(each) for each in seconds]


def peak_growth(model: str, manner: str, options: argparse.Namespace) -> float:
    """Megabytes by which the peak resident size grows during one sweep."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_grow, (model, manner, options))


def _grow(model: str, manner: str, options: argparse.Namespace) -> float:
    torch.set_num_threads(options.threads)
    explainer = MODELS[model]()
    picture = load_picture(sample(1_000_000, objects=3).image)
    explainer.answer(picture, PROMPT, max_new_tokens=2)  # libraries allocate their own on first use
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew at what is resident now
    before = _peak()
    if manner == "sweep":
        explainer.explain(picture, PROMPT, num_samples=options.samples, max_new_tokens=options.tokens)
    else:
        original.sweep(
            explainer, picture, PROMPT, (0,), options.samples, options.tokens
        )  # its peak is that of one layer
    return _peak() - before


def _peak() -> float:
    """Peak resident size of this process in megabytes."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
