"""A whole sweep of a model of full size, on the CPU. Run by hand: `python -m tests.benchmarks.fullsize`.

Shows that it fits, that the memory it takes is what was predicted, and that its maps are right: all are finite
and none is blank, and three equal those of a slow loop, which runs the model's own forward pass from pixels for one
layer and one sample at a time.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import torch

from core.devices import memory_of, peak_bytes, reset_peak
from core.engine import one_pass
from core.engine.explainer import Explainer
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.inputs.prompt import Prepared, prepare
from core.memory.estimate import phases
from core.memory.fit import dimensions_of, recomputing
from core.methods.attribution import gradient_deviation
from core.models.hooks import frozen
from core.schema import Answer, ExplainRequest
from tests.benchmarks.sizes import SHAPES, build
from tests.conftest import gradient_picture
from tests.core.live import LiveBytes

PROMPT = "Describe the main content in this image in detail."
NOISE = 0.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", choices=SHAPES, default="3b")
    parser.add_argument("--layers", type=int, help="only so many decoder layers")
    parser.add_argument("--grid", type=int, nargs=2, default=(14, 18), help="rows and columns of visual tokens")
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=8, help="answer length")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    only = {"num_hidden_layers": options.layers} if options.layers else {}
    explainer = build(options.config, torch.bfloat16, **only)
    weights = sum(each.nbytes for each in explainer.loaded.model.parameters())
    print(
        f"{options.config}: {explainer.total_layers} layers, {weights / 1e9:.2f} GB of bfloat16 weights, built in "
        f"{time.perf_counter() - started:.0f} s; {memory_of('cpu')[0] / 1e9:.1f} GB are left",
        flush=True,
    )
    rows, columns = options.grid
    picture = load_picture(gradient_picture(rows * 28, columns * 28))
    pixels = rows * columns * 28 * 28
    started = time.perf_counter()
    answer = explainer.answer(picture, PROMPT, max_new_tokens=options.tokens, max_pixels=pixels)
    seconds = time.perf_counter() - started
    prepared = prepare(explainer.loaded, picture, PROMPT, pixels)
    length = prepared.prompt_length + len(answer.tokens)
    print(f"{len(prepared.visual)} visual tokens, {length} in all; answer in {seconds:.1f} s", flush=True)
    requests = [
        ExplainRequest(
            image="i",
            prompt=PROMPT,
            model="m",
            method=method,
            layers=tuple(range(explainer.total_layers)) if method != "combined" else (),
            num_samples=options.samples,
            noise_std=NOISE,
        )
        for method in ("gradient_deviation", "combined")
    ]
    kept = sweep(explainer, prepared, answer, requests, options.samples, recompute=False)
    spared = sweep(explainer, prepared, answer, requests, options.samples, recompute=True)
    alike = all(np.array_equal(one.mean, other.mean) for one, other in zip(kept, spared, strict=True))
    heat = kept[0].mean
    sound = np.isfinite(heat).all() and (heat.max(1) > 0).all() and kept[1].mean.max() > 0
    print(f"maps alike to the last bit: {alike}; all {len(heat)} and the combined one finite, none blank: {sound}")
    middle, last = explainer.total_layers // 2, explainer.total_layers - 1
    for layer in (0, middle, last):
        slow = slow_map(explainer, prepared, answer, layer, options.samples)
        difference = np.abs(slow - heat[layer]).max() / slow.max()
        print(f"layer {layer}: differs from the slow loop by {difference:.1e} of the maximum", flush=True)


def sweep(explainer: Explainer, prepared: Prepared, answer: Answer, requests, samples: int, recompute: bool):
    """The moments of one chunk; tells time and memory."""
    loaded, seen, real = explainer.loaded, [], one_pass.fit_to_memory
    one_pass.fit_to_memory = lambda loaded, load, cut: seen.append(load) or real(loaded, load, cut)
    device = torch.device("cpu")
    reset_peak(device)
    before = peak_bytes(device)
    try:
        known = [*loaded.model.parameters(), *loaded.model.buffers()]
        with frozen(loaded.model), recomputing(recompute), LiveBytes(known) as live:
            started = time.perf_counter()
            moments = one_pass.explain_chunk(loaded, prepared, answer, requests, range(samples))
            seconds = time.perf_counter() - started
    finally:
        one_pass.fit_to_memory = real
    load = replace(seen[0], recompute=recompute)
    predicted = phases(dimensions_of(loaded), load, loaded.model.dtype.itemsize).peak
    print(
        f"{samples} samples, {'inside of layers recomputed' if recompute else 'everything kept'}: {seconds:.1f} s; "
        f"tensors {live.peak / 1e9:.3f} GB, predicted {predicted / 1e9:.3f} GB ({predicted / live.peak - 1:+.1%}); "
        f"resident memory grew by {(peak_bytes(device) - before) / 1e9:.2f} GB",
        flush=True,
    )
    return moments


def slow_map(explainer: Explainer, prepared: Prepared, answer: Answer, layer: int, samples: int) -> np.ndarray:
    """The gradient deviation of one layer, sample after sample through the model's own forward pass."""
    loaded = explainer.loaded
    said = torch.tensor([token.id for token in answer.tokens])
    ids, types = prepared.with_answer(said)
    state, total = loaded.family.remember_positions(loaded.model), 0
    for pixels in noisy(prepared.pixel_values, NOISE, 0, range(samples)):
        held = {}

        def cut(_, args, held=held):
            held["activation"] = args[0].detach().requires_grad_()
            return (held["activation"], *args[1:])

        handle = loaded.layers[layer].register_forward_pre_hook(cut)
        try:
            logits = loaded.model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=types,
                pixel_values=pixels,
                **prepared.vision,
                use_cache=False,
                logits_to_keep=len(said) + 1,
            ).logits[0, :-1]
        finally:
            handle.remove()
            loaded.family.restore_positions(loaded.model, state)
        score = logits.gather(1, said[:, None]).float().sum()
        (gradient,) = torch.autograd.grad(score, held["activation"])
        visual = prepared.visual
        total = total + gradient_deviation(held["activation"][0, visual].detach().float(), gradient[0, visual].float())
    return (total / samples).numpy()


if __name__ == "__main__":
    main()
