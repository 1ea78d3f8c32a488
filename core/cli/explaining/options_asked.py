"""What options of `python -m core explain` ask of a model: method, layers, target and all that goes with them."""

import argparse
from typing import Any

from core.schema import ExplainRequest
from core.schema.drawn_answers import TOKEN_SAMPLING
from core.schema.layers import quarters
from core.schema.methods import COMBINED, METHODS, check_method
from core.schema.target import Target


def method_of(options: argparse.Namespace) -> str:
    """The name of the method whose maps are drawn.

    Raises:
        InputError: there is no such method.
    """
    method = check_method(options.method)
    return COMBINED if options.mode == "combined" and METHODS[method].per_layer else method


def arguments_of(options: argparse.Namespace, explainer: Any) -> dict[str, Any]:
    """What is asked besides picture, prompt and method, as arguments of `Explainer.explain`."""
    return {
        "layers": _layers(options, explainer.depth(options.part)),
        "num_samples": options.num_samples,
        "noise_std": options.noise_std,
        "seed": options.seed,
        "part": options.part,
        "tap": options.tap,
        "target": _target(options),
        "max_new_tokens": options.max_new_tokens,
        **{name: getattr(options, name) for name in TOKEN_SAMPLING},
        "picture_first": not options.picture_after,
        "conversation": options.conversation,
    }


def counted_request(options: argparse.Namespace, method: str, max_pixels: int | None) -> ExplainRequest:
    """What is asked, as far as it decides what it takes."""
    return ExplainRequest(
        image="",
        images=("",) * len(options.image_path) if len(options.image_path) > 1 else (),
        prompt=options.prompt,
        conversation=options.conversation,
        model="",
        layers=(0,) if METHODS[method].per_layer else (),
        method=method,
        part=options.part if METHODS[method].has_tap else "decoder",
        num_samples=options.num_samples,
        noise_std=options.noise_std,
        max_new_tokens=options.max_new_tokens,
        max_pixels=max_pixels,
    )


def _target(options: argparse.Namespace) -> Target:
    common = {"sentence": options.text}
    if options.position is not None or options.instead is not None:
        return Target.contrast(options.position, options.instead, **common)
    common["score"] = options.score
    if options.words is not None:
        return Target.words(options.words, options.occurrence, **common)
    if options.tokens is not None:
        start, *stop = options.tokens
        return Target.tokens(start, stop[0] if stop else None, **common)
    if options.target == "thought":
        return Target(kind="thought", **common)
    return Target.tokens(0, None, **common) if options.target == "all" else Target.answer(**common)


def _layers(options: argparse.Namespace, total: int) -> str | list[int]:
    if options.mode == "single":
        return [options.layer]
    if options.mode == "comparative":
        # The decoder's last output has no map.
        return list(range(total - 1)) if options.part == "decoder" and options.tap == "output" else "all"
    if options.mode == "multi":
        return options.layers or quarters(total)
    return options.layers or options.layer_range
