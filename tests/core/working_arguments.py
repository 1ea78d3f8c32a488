"""For every public callable of `core`, arguments with which it works: by its signature, and by what stands here.

A parameter with a default works by that. One without a default has a value here, by its name.
"""

import inspect
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np

import core
from core import (
    Answer,
    Brightness,
    DrawnAnswer,
    Explainer,
    ExplainRequest,
    ExplainResult,
    Explanation,
    HeadMaps,
    LogitLens,
    Picture,
    Progress,
    Region,
    Target,
    Token,
    Turn,
    Video,
    VideoPlan,
    WordExplanations,
    get_model_layers,
)
from core.explanation.explanation import explained
from core.export.npz import to_npz
from core.gradcam import SmoothQwenGradCAM
from core.schema.words import Word
from tests.conftest import gradient_picture

PICTURE = core.load_picture(gradient_picture(56, 84))
REQUEST = ExplainRequest(image=PICTURE.digest, prompt="What?", model="m", layers=(0, 2), num_samples=1, noise_std=0.0)
ANSWER = Answer("red", (Token(1, "red", 0.5, (("blue", 0.25),), 0, 3),))
RESULT = ExplainResult(REQUEST, ANSWER, *np.zeros((2, 2, 2, 3), np.float32), 1, 8, {"answer": 0.1, "samples": 0.1})
FRAMES = list(np.zeros((2, 56, 84, 3), np.uint8))
FILM = Video.of(np.zeros((2, 4, 6, 3), np.uint8), [0, 1])

SAMPLES: dict[type, Any] = {
    Answer: ANSWER,
    Brightness: Brightness("range", 0, 255),
    DrawnAnswer: DrawnAnswer(ANSWER, (0, 3)),
    ExplainRequest: REQUEST,
    ExplainResult: RESULT,
    HeadMaps: HeadMaps(REQUEST, ANSWER, np.zeros((2, 4, 2, 3), np.float32), *np.zeros((3, 2, 4), np.float32), 8),
    LogitLens: LogitLens(REQUEST, np.zeros((2, 2, 3, 5), np.int32), np.zeros((2, 2, 3, 5), np.float32), {0: "red"}, 8),
    Picture: PICTURE,
    Progress: Progress("samples", 1, 2),
    Region: Region(((0.1, 0.1), (0.5, 0.5))),
    Target: Target(),
    Token: ANSWER.tokens[0],
    Turn: Turn("user", (0, "What?")),
    Video: FILM,
    VideoPlan: core.plan_video(FILM),
    Explanation: explained(RESULT, [PICTURE]),
    WordExplanations: WordExplanations({Word("red", 0, 1): explained(RESULT, [PICTURE])}),
}
"""Class -> one of it, whose methods are called and whose fields its constructor is given."""

NEEDED: dict[str, Any] = {
    **{"pictures": PICTURE, "part": "decoder", "method": "gradcam", "layers": (1,), "folder": "saved", "given": "red"},
    **{"layer": 0, "head": 1, "row": 0, "column": 1, "word": Word("red", 0, 1), "number": 0, "result": RESULT},
    **{"sentence": "red", "start": 0, "stop": 1, "phrase": "red", "position": 0, "instead": "blue", "answer": ANSWER},
    **{"kind": "overlay", "file": "a.pdf"},
    **{"grid": (2, 3), "size": (84, 56), "heat": np.ones((2, 3), np.float32)},
    **{"x": [0.1, 0.5, 0.5], "y": [0.1, 0.1, 0.5]},
    # What a function among the arguments raises is its own affair: it is given nothing wrong.
    **{"function": lambda engine, on_step: None, "on_step": lambda *step: None},
}
"""Parameter without a default -> a value that works wherever it is taken."""

FAST: dict[str, Any] = {
    **{"image": PICTURE, "prompt": "What?"},
    **{"num_samples": 1, "noise_std": 0.0, "max_new_tokens": 1, "fills": ["mean"]},
}
"""Parameter -> a value in place of its default, which would not do, or would take its time."""

SMALL = {"format": "png", "width": 40, "text": False, "dpi": 36}
"""A figure that is drawn quickly."""

OWN: dict[str, Any] = {
    **{
        f"Explainer.{name}.layers": [1]
        for name in ("explain", "explain_answers", "explain_words", "heads", "logit_lens")
    },
    **{"Explainer.answers.n": 2, "Explainer.explain_answers.n": 1, "Explainer.explain_answers.method": "hirescam"},
    **{f"{kind}.figure.{name}": value for kind in ("Explanation", "WordExplanations") for name, value in SMALL.items()},
    **{"compare_models.layers": [1], "compare_models.target": Target.text("red"), "Explainer.logit_lens.cell": (0, 0)},
    **{f"Explainer.{name}.sentence": "red" for name in ("explain_words", "what_if", "reliance")},
    **{"Explainer.explain_words.method": "hirescam", "Explainer.what_if.cells": [(0, 0)]},
    # A video goes into what answers; how it is explained comes to the same.
    **{"Explainer.answer.image": None, "Explainer.answer.video": FRAMES},
    **{"Explainer.answer.fps": 1, "Explainer.answer.start": 0, "Explainer.answer.end": 2},
    **{"load_video.source": FRAMES, "load_video.fps": 1, "load_video.start": 0, "load_video.end": 2},
    **{"plan_video.source": FRAMES, "plan_video.fps": 1, "plan_video.start": 0, "plan_video.end": 2},
    **{"Video.of.frames": FILM.frames, "Video.of.times": [0, 1], "load_picture.source": PICTURE.to_pil()},
    **{f"{name}.layer": 0 for name in ("ExplainResult.at", "ExplainResult.stderr_at", "Explanation.at")},
    **{"Explanation.stderr_at.layer": 0, "Explanation.of.method": REQUEST.method, "load_result.source": to_npz(RESULT)},
    **{"ExplainResult.of.method": REQUEST.method, "LogitLens.where.word": "red", "Explainer.call.on_step": len},
    **{"Brightness.parse.text": "0..4095", "Region.from_text.text": "0.1,0.1;0.5,0.5"},
    **{"ExplainRequest.from_dict.values": REQUEST.to_dict(), "SmoothQwenGradCAM.generate_cam.image": PICTURE.to_pil()},
    "SmoothQwenGradCAM.generate_cam.use_smooth": False,
}
"""Parameter with its callable's name before it -> what it alone is given."""


def public_calls() -> dict[str, Callable[..., Any]]:
    """Everything that `core` lets people call, by name; errors are left out."""
    found = {}
    for name in core.__all__:
        value = getattr(core, name)
        if inspect.isclass(value) and issubclass(value, Exception):
            continue
        if callable(value):
            found[name] = value
        if inspect.isclass(value):
            # Those of parts that it is made of, too, but not of what Python or numpy give it.
            parts = [part for part in value.__mro__ if part.__module__.partition(".")[0] == "core"]
            names = {each for part in parts for each in vars(part) if not each.startswith("_")}
            own = {each: inspect.getattr_static(value, each) for each in sorted(names)}
            methods = [each for each, raw in own.items() if isinstance(raw, FunctionType | classmethod | staticmethod)]
            found |= {f"{name}.{each}": getattr(value, each) for each in methods}
    return found


def working(name: str, explainer: Explainer) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The callable of a public name, bound where it is a method, and an argument that works for each parameter.

    Raises:
        LookupError: nothing here works for one of them.
    """
    owner, _, method = name.rpartition(".")
    samples, needed = SAMPLES | _samples(explainer), NEEDED | _needed(explainer)
    kind = getattr(core, owner or name)
    sample = samples.get(kind) if inspect.isclass(kind) else None
    if inspect.isclass(kind) and sample is None:
        raise LookupError(f"SAMPLES in tests/core/working_arguments.py has no {kind.__name__}. Add one.")
    call = getattr(sample, method) if owner else kind
    arguments = {}
    for each in inspect.signature(call).parameters.values():
        if each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL):
            continue
        own = f"{name}.{each.name}"
        if own in OWN:
            arguments[each.name] = OWN[own]
        elif is_dataclass(sample) and not owner:
            arguments[each.name] = getattr(sample, each.name)
        elif each.name in FAST:
            arguments[each.name] = FAST[each.name]
        elif each.default is not each.empty:
            arguments[each.name] = each.default
        elif each.name in needed:
            arguments[each.name] = needed[each.name]
        else:
            raise LookupError(
                f"tests/core/working_arguments.py has nothing that works for {own}. Add it to NEEDED or OWN."
            )
    return call, arguments


def _samples(explainer: Explainer) -> dict[type, Any]:
    model, processor = explainer.loaded.model, explainer.loaded.processor
    cam = SmoothQwenGradCAM(model, processor, get_model_layers(model)[0][1], 1, 0.0)
    return {Explainer: explainer, SmoothQwenGradCAM: cam}


def _needed(explainer: Explainer) -> dict[str, Any]:
    model, request = explainer.loaded.model, replace(REQUEST, model=explainer.loaded.fingerprint)
    layer = get_model_layers(model)[0][1]
    return {
        **{"model": model, "processor": explainer.loaded.processor, "target_layer": layer},
        **{"base": explainer, "tuned": explainer, "request": request, "requests": [request]},
    }
