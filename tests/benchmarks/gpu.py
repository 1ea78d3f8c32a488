"""A sweep of Qwen2.5-VL-3B and 7B on a GPU against its bars. Run by hand: `python -m tests.benchmarks.gpu`.

Random weights in the published shapes. The loop in the original's manner is run for one layer with one and
with three samples, in the same run on the same model, and scaled to all layers and samples: each layer costs it
the same. Peaks of memory are PyTorch's own count on the device; on the CPU, where the script can be tried with
a tiny model, that of live tensors.
"""

import argparse
import gc
import platform
import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
import transformers

from core.engine import one_pass
from core.engine.explainer import Explainer
from core.engine.one_pass import explain_chunk
from core.inputs.pictures import Picture, load_picture
from core.inputs.prompt import Prepared, prepare
from core.memory.estimate import Workload, phases
from core.memory.fit import dimensions_of, recomputing
from core.memory.operations import chunk_operations
from core.models.hooks import HookPoint, frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest
from tests.benchmarks import original, precision
from tests.benchmarks.sizes import SHAPES, build
from tests.conftest import gradient_picture
from tests.core.live import LiveBytes

PROMPT = "Describe the main content in this image in detail."
NOISE = 0.15
SECONDS = {"3b": 1.0, "7b": 2.2}
ROOM = {"3b": 24e9, "7b": 40e9}
FOUR_BITS = {"7b": 20e9}
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12, "4090": 165e12}
"""Dense bfloat16 operations a second that makers state, by what devices' names contain."""


@dataclass(frozen=True, eq=False)
class Case:
    """A model with a picture, a prompt and its answer."""

    explainer: Explainer
    picture: Picture
    prepared: Prepared
    answer: Answer
    answer_seconds: float

    @property
    def weights(self) -> int:
        """Bytes of the model's weights."""
        return sum(each.nbytes for each in self.explainer.loaded.model.parameters())


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", choices=SHAPES, nargs="+", default=["3b", "7b"])
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--grid", type=int, nargs=2, default=(36, 36), help="rows and columns of visual tokens")
    parser.add_argument("--large", type=int, nargs=2, default=(49, 73), help="the same for the peak of one sample")
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=64, help="answer length")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        print(
            "Skipped: PyTorch finds no CUDA device here. A dry run: --device cpu --config tiny --grid 4 5 --large 6 7."
        )
        return
    name = torch.cuda.get_device_name() if options.device == "cuda" else platform.processor() or "CPU"
    print(f"{name}; torch {torch.__version__}, CUDA {torch.version.cuda}, transformers {transformers.__version__}")
    for config in options.config:
        measure(config, name, options)
        gc.collect()  # the model before the next one is built


def measure(config: str, device_name: str, options: argparse.Namespace) -> None:
    """The table of one model."""
    explainer = build(config, torch.bfloat16, options.device)
    case = ask(explainer, options.grid, options.tokens)
    layers, samples = explainer.total_layers, options.samples
    print(
        f"\n{config}: {layers} layers, {len(case.prepared.visual)} visual tokens, {samples} samples, "
        f"{len(case.answer.tokens)} answer tokens, {case.weights / 1e9:.2f} GB of weights"
    )
    combined = request((), samples, "combined")  # stands beside every run
    every, first = ([request(which, samples), combined] for which in (tuple(range(layers)), (0,)))
    load, peak = peak_of(case, every, samples)
    seconds, one = timed(
        [lambda: chunk(case, every, samples), lambda: chunk(case, first, samples)], options.repeats, options.device
    )
    work = chunk_operations(dimensions_of(explainer.loaded), load)
    highest = next((value for word, value in PEAKS.items() if word in device_name), None)
    share = f", {work / seconds / highest:.0%} of the {highest / 1e12:.0f} that its maker states" if highest else ""
    row("sweep after generation", f"{seconds:.3f} s", f"at most {SECONDS[config]} s" if config in SECONDS else "none")
    row("its operations", f"{work / 1e12:.1f} TFLOP, {work / seconds / 1e12:.1f} a second{share}", "40 %")
    row("all layers against the first alone", f"{seconds / one:.2f} times", "at most 1.15")
    told = predicted(case, load)
    row(
        "its peak of memory", f"{peak / 1e9:.2f} GB, predicted {told / 1e9:.2f} ({told / peak - 1:+.1%})", "within 15 %"
    )
    against_original(case, options, seconds, peak)
    large(explainer, config, options)
    if config in FOUR_BITS:
        four_bits(case, every, samples, FOUR_BITS[config])
    else:
        likeness(case)


def ask(explainer: Explainer, grid: tuple[int, int], tokens: int) -> Case:
    """A picture of so many visual tokens, and the model's answer to it."""
    rows, columns = grid
    picture, pixels = load_picture(gradient_picture(rows * 28, columns * 28)), rows * columns * 28**2
    explainer.answer(picture, PROMPT, max_new_tokens=2, max_pixels=pixels)  # the first one loads kernels
    started = time.perf_counter()
    answer = explainer.answer(picture, PROMPT, max_new_tokens=tokens, max_pixels=pixels)
    seconds = time.perf_counter() - started
    return Case(explainer, picture, prepare(explainer.loaded, picture, PROMPT, pixels), answer, seconds)


def request(layers: tuple[int, ...], samples: int, method: str = "gradient_deviation") -> ExplainRequest:
    return ExplainRequest(
        image="i", prompt=PROMPT, model="m", method=method, layers=layers, num_samples=samples, noise_std=NOISE
    )


def chunk(case: Case, requests: list[ExplainRequest], samples: int) -> None:
    """All samples at once."""
    loaded = case.explainer.loaded
    with frozen(loaded.model):
        explain_chunk(loaded, case.prepared, case.answer, requests, range(samples))


def peak_of(
    case: Case, requests: list[ExplainRequest], samples: int, recompute: bool | None = None
) -> tuple[Workload, int]:
    """The load of a chunk, and bytes at its peak with the weights. Recomputed by the estimate, if not told."""
    loaded, loads, real = case.explainer.loaded, [], one_pass.fit_to_memory

    @contextmanager
    def fit_to_memory(loaded: LoadedModel, load: Workload, cut: HookPoint | None):
        with real(loaded, load, cut):
            loads.append(replace(load, recompute=any("forward" in vars(layer) for layer in loaded.layers)))
            yield

    one_pass.fit_to_memory = fit_to_memory
    try:
        with recomputing(recompute):
            peak = high_water(loaded, lambda: chunk(case, requests, samples))
    finally:
        one_pass.fit_to_memory = real
    return loads[0], peak


def high_water(loaded: LoadedModel, action: Callable[[], object]) -> int:
    """The most bytes in use meanwhile, weights included."""
    model = loaded.model
    if model.device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        action()
        return torch.cuda.max_memory_allocated()
    with LiveBytes([*model.parameters(), *model.buffers()]) as live:
        action()
    return live.peak + sum(each.nbytes for each in model.parameters())


def predicted(case: Case, load: Workload) -> int:
    """Bytes at the peak, weights included."""
    loaded = case.explainer.loaded
    return case.weights + phases(dimensions_of(loaded), load, loaded.model.dtype.itemsize).peak


def timed(actions: list[Callable[[], object]], repeats: int, device: str) -> list[float]:
    """Median seconds of each, in turn, after one of each to warm up; on a CPU those of its own work alone."""
    clock = time.perf_counter if device == "cuda" else time.process_time
    seconds: list[list[float]] = [[] for _ in actions]
    for repeat in range(repeats + 1):
        for place, action in enumerate(actions):
            if device == "cuda":
                torch.cuda.synchronize()
            started = clock()
            action()  # its heat is on the CPU at the end: nothing is left running
            if repeat:
                seconds[place].append(clock() - started)
    return [statistics.median(each) for each in seconds]


def against_original(case: Case, options: argparse.Namespace, seconds: float, peak: int) -> None:
    """Time and memory of the loop in the original's manner, scaled from one layer and few samples."""
    explainer, tokens, layers = case.explainer, options.tokens, case.explainer.total_layers
    pixels = options.grid[0] * options.grid[1] * 28**2

    def loop(samples: int) -> Callable[[], object]:
        return lambda: original.sweep(explainer, case.picture, PROMPT, (layers // 2,), samples, tokens, pixels)

    try:
        theirs = high_water(explainer.loaded, loop(1))
        few, more = timed([loop(1), loop(3)], 1, options.device)
    except torch.OutOfMemoryError:
        row("loop in the original's manner", "does not fit on this device", "")
        return
    whole = layers * (few + (options.samples - 1) * (more - few) / 2)
    ours = case.answer_seconds + seconds
    row("generation", f"{case.answer_seconds:.2f} s", "none")
    row(
        "loop in the original's manner",
        f"{whole:.0f} s, scaled from one layer of 1 and 3 samples: {whole / ours:.0f} times ours with generation, "
        f"{(whole - layers * case.answer_seconds) / seconds:.0f} times without",
        "at least 100 times",
    )
    one = peak_of(case, [request(tuple(range(layers)), 1)], 1)[1]
    row(
        "its peak of memory",
        f"{theirs / 1e9:.2f} GB; ours at one sample {one / theirs:.2f} of it, and {peak / theirs:.2f} at "
        f"{options.samples}; over the weights {(one - case.weights) / (theirs - case.weights):.2f}",
        "at most 0.33",
    )


def large(explainer: Explainer, config: str, options: argparse.Namespace) -> None:
    """The peak of one sample of a large picture, with everything kept and with layers recomputed."""
    case = ask(explainer, options.large, options.tokens)
    every = [request(tuple(range(explainer.total_layers)), 1), request((), 1, "combined")]
    for recompute in (False, True):
        load, peak = peak_of(case, every, 1, recompute)
        told = predicted(case, load)
        row(
            f"{len(case.prepared.visual):,} visual tokens, one sample{', recomputed' if recompute else ''}",
            f"{peak / 1e9:.2f} GB, predicted {told / 1e9:.2f} ({told / peak - 1:+.1%})",
            f"at most {ROOM[config] / 1e9:.0f} GB" if config in ROOM else "none",
        )


def likeness(case: Case) -> None:
    """How like the maps are that the same weights give in float32."""
    wanted = request(tuple(range(case.explainer.total_layers)), 1)
    found = precision.against_float32(case.explainer, case.prepared, case.answer, wanted)
    row(
        "rank correlation with float32's maps", f"median {statistics.median(found):.4f}, least {min(found):.4f}", "none"
    )


def four_bits(case: Case, requests: list[ExplainRequest], samples: int, most: float) -> None:
    """The peak of the sweep with the decoder's matrices in 4 bits, as many samples at once as fit into `most` bytes."""
    if not precision.has_four_bits():
        row("in 4 bits", "Skipped: bitsandbytes is not installed", f"at most {most / 1e9:.0f} GB")
        return
    precision.in_four_bits(case.explainer.loaded)
    for count in range(samples, 0, -1):
        peak = peak_of(case, requests, count, recompute=count == 1)[1]
        if peak <= most:
            break
    row(f"in 4 bits, {count} samples at once", f"{peak / 1e9:.2f} GB", f"at most {most / 1e9:.0f} GB")


def row(what: str, found: str, bar: str) -> None:
    print(f"  {what:<44} {found}{f'   [bar: {bar}]' if bar else ''}", flush=True)


if __name__ == "__main__":
    main()
