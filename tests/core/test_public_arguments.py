"""Every public function, method and class of `core`, given values of wrong type and range: a result or a sentence."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import core
from core import (
    Answer,
    Brightness,
    Explainer,
    ExplainRequest,
    ExplainResult,
    HeadMaps,
    LogitLens,
    Picture,
    Region,
    Target,
    Token,
    Video,
)
from core.gradcam import SmoothQwenGradCAM, get_model_layers
from tests.arguments import foreign_errors
from tests.conftest import gradient_picture

PICTURE = core.load_picture(gradient_picture(56, 84))
REQUEST = ExplainRequest(image=PICTURE.digest, prompt="What?", model="m", layers=(0, 2), num_samples=1, noise_std=0.0)
ANSWER = Answer("red", (Token(1, "red", 0.5, (("blue", 0.25),), 0, 3),))
RESULT = ExplainResult(REQUEST, ANSWER, *np.zeros((2, 2, 2, 3), np.float32), 1, 8, {"answer": 0.1, "samples": 0.1})
HEADS = HeadMaps(REQUEST, ANSWER, np.zeros((2, 4, 2, 3), np.float32), *np.zeros((3, 2, 4), np.float32), 8)
LENS = LogitLens(REQUEST, np.zeros((2, 2, 3, 5), np.int32), np.zeros((2, 2, 3, 5), np.float32), {0: "red"}, 8)
VIDEO = Video.of(np.zeros((2, 4, 6, 3), np.uint8), [0, 1])
PLAN = core.plan_video(VIDEO)
FILM = list(np.zeros((2, 56, 84, 3), np.uint8))
REGION = Region(((0.1, 0.1), (0.5, 0.5)))


TEXTS_ARE_THOSE_OF_EXPLAIN = (
    *("Explainer.heads", "Explainer.logit_lens", "Explainer.what_if", "Explainer.reliance", "Explainer.prompt_words"),
    "compare_models",
)
"""They go into the same request; the model reads texts of 5,000 tokens meanwhile, which takes its time."""


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


def given(name: str, explainer: Explainer) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A call that works: the callable, bound where it is a method, and its arguments by name."""
    model, processor = explainer.loaded.model, explainer.loaded.processor
    asked = {"image": PICTURE, "prompt": "What?"}
    fast = {"num_samples": 1, "noise_std": 0.0, "max_new_tokens": 1}
    seen = {"brightness": "auto", "page": 1, "max_pixels": None, "picture_first": True}
    shared = {**seen, "on_progress": None}
    moments = {"fps": 1, "count": None, "start": 0, "end": 2}
    of_pictures = {"video": None, "fps": None, "count": None, "start": None, "end": None}
    request = replace(REQUEST, model=explainer.loaded.fingerprint)
    layers = get_model_layers(model)[0]
    cam = SmoothQwenGradCAM(model, processor, layers[1], 1, 0.0)
    calls: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "Answer": (Answer, {"text": "red", "tokens": ANSWER.tokens, "thought": 0}),
        "Brightness": (Brightness, {"kind": "range", "low": 0, "high": 255}),
        "Brightness.parse": (Brightness.parse, {"text": "0..255"}),
        "ExplainRequest": (ExplainRequest, request.__dict__),
        "ExplainRequest.to_dict": (request.to_dict, {}),
        "ExplainRequest.from_dict": (ExplainRequest.from_dict, {"values": request.to_dict()}),
        "ExplainRequest.of_picture": (request.of_picture, {"number": 0}),
        "ExplainRequest.for_layers": (request.for_layers, {"layers": (1,)}),
        "ExplainRequest.for_word": (request.for_word, {"word": core.schema.words.Word("red", 0, 1)}),
        "ExplainRequest.own": (request.own, {}),
        "ExplainRequest.shared": (request.shared, {}),
        "ExplainRequest.with_method": (request.with_method, {"method": "gradcam", "layers": (1,)}),
        "ExplainResult": (ExplainResult, {name: getattr(RESULT, name) for name in RESULT.__dataclass_fields__}),
        "ExplainResult.at": (RESULT.at, {"layer": 0}),
        "ExplainResult.stderr_at": (RESULT.stderr_at, {"layer": 0}),
        "ExplainResult.of": (RESULT.of, {"method": RESULT.request.method}),
        "Explainer": (Explainer, {"loaded": explainer.loaded}),
        "Explainer.from_pretrained": (
            Explainer.from_pretrained,
            {"model": None, "device": "cpu", "quantisation": None, "device_map": None, "adapter": None}
            | {"on_progress": None},
        ),
        "boxes_of": (core.boxes_of, {"result": RESULT, "seen": None}),
        "find_boxes": (core.find_boxes, {"answer": ANSWER}),
        "compare_models": (
            core.compare_models,
            asked
            | fast
            | {"base": explainer, "tuned": explainer, "answer_of": "tuned", "words": False}
            | {"method": "hirescam", "layers": [1], "tap": "input", "target": Target.text("red")}
            | {"part": "decoder", "seed": 0}
            | shared,
        ),
        "Explainer.depth": (explainer.depth, {"part": "tower"}),
        "Explainer.answer": (
            explainer.answer,
            asked | shared | {"max_new_tokens": 1} | {"image": None, "video": FILM} | moments,
        ),
        "Explainer.explain": (
            explainer.explain,
            asked
            | fast
            | {"method": "hirescam", "layers": [1], "tap": "input", "target": None}
            | {"part": "decoder", "seed": 0}
            | shared
            | of_pictures,
        ),
        "Explainer.explain_words": (
            explainer.explain_words,
            asked
            | fast
            | {"method": "hirescam", "layers": [1], "score": "logit", "sentence": "red"}
            | {"part": "decoder", "seed": 0}
            | shared
            | of_pictures,
        ),
        "Explainer.prompt_words": (explainer.prompt_words, asked | shared | {"max_new_tokens": 1, "target": None}),
        "Explainer.heads": (
            explainer.heads,
            asked | shared | {"layers": [1], "target": None, "max_new_tokens": 1},
        ),
        "Explainer.logit_lens": (
            explainer.logit_lens,
            asked | seen | {"layers": [1], "cell": (0, 0)},
        ),
        "Explainer.what_if": (
            explainer.what_if,
            asked
            | {"region": None, "cells": [(0, 0)], "keep": False, "picture": 0, "fills": ["mean"], "sentence": "red"}
            | {"on_step": lambda *step: None, "max_new_tokens": 1, "seed": 0}
            | seen,
        ),
        "Explainer.reliance": (
            explainer.reliance,
            asked
            | {"fills": ["mean"], "sentence": "red", "on_step": lambda *step: None, "max_new_tokens": 1, "seed": 0}
            | seen,
        ),
        "Explainer.answer_to": (explainer.answer_to, {"pictures": PICTURE, "request": request, "on_progress": None}),
        "Explainer.run": (
            explainer.run,
            {"pictures": PICTURE, "requests": [request], "answer": None, "so_far": None, "on_progress": None},
        ),
        "Explainer.call": (explainer.call, {"function": lambda engine, on_step: None, "on_step": lambda: None}),
        "Explainer.sampling_context": (
            explainer.sampling_context,
            {"pictures": PICTURE, "request": request, "answer": None},
        ),
        "HeadMaps": (HeadMaps, {name: getattr(HEADS, name) for name in HeadMaps.__dataclass_fields__}),
        "HeadMaps.at": (HEADS.at, {"layer": 0, "head": 1}),
        "HeadMaps.index": (HEADS.index, {"layer": 0, "head": 1}),
        "HeadMaps.ordered": (HEADS.ordered, {"order": "agreement"}),
        "HeadMaps.each_layer": (HEADS.each_layer, {}),
        "LogitLens": (LogitLens, {name: getattr(LENS, name) for name in LogitLens.__dataclass_fields__}),
        "LogitLens.each_layer": (LENS.each_layer, {}),
        "LogitLens.at": (LENS.at, {"row": 0, "column": 1}),
        "LogitLens.where": (LENS.where, {"word": "red"}),
        "Picture": (Picture, {name: getattr(PICTURE, name) for name in Picture.__dataclass_fields__}),
        "Picture.to_pil": (PICTURE.to_pil, {}),
        "Progress": (
            core.Progress,
            {name: getattr(core.Progress("samples", 1, 2), name) for name in core.Progress.__dataclass_fields__},
        ),
        "Region": (Region, {"corners": REGION.corners}),
        "Region.share_of_cells": (REGION.share_of_cells, {"grid": (2, 3)}),
        "Region.mask": (REGION.mask, {"size": (84, 56)}),
        "Region.share_of_heat": (REGION.share_of_heat, {"heat": np.ones((2, 3), np.float32), "axes": 2}),
        "Region.to_text": (REGION.to_text, {}),
        "Region.drawn": (Region.drawn, {"x": [0.1, 0.5, 0.5], "y": [0.1, 0.1, 0.5]}),
        "Region.from_text": (Region.from_text, {"text": "0.1,0.1;0.5,0.5"}),
        "SmoothQwenGradCAM": (
            SmoothQwenGradCAM,
            {"model": model, "processor": processor, "target_layer": layers[1], "num_samples": 1, "noise_std": 0.0}
            | {"method": None, "seed": 0},
        ),
        "SmoothQwenGradCAM.generate_cam": (cam.generate_cam, asked | {"image": PICTURE.to_pil(), "use_smooth": False}),
        "Target": (Target, {name: getattr(Target(), name) for name in Target.__dataclass_fields__}),
        "Target.answer": (Target.answer, {"score": "logit", "sentence": None}),
        "Target.text": (Target.text, {"sentence": "red", "score": "logit"}),
        "Target.tokens": (Target.tokens, {"start": 0, "stop": 1, "score": "logit", "sentence": None}),
        "Target.words": (Target.words, {"phrase": "red", "occurrence": 1, "score": "logit", "sentence": None}),
        "Target.contrast": (Target.contrast, {"position": 0, "instead": "blue", "sentence": None}),
        "Target.indices": (Target().indices, {"answer": ANSWER}),
        "Target.describe": (Target().describe, {"answer": ANSWER}),
        "Token": (Token, {name: getattr(ANSWER.tokens[0], name) for name in Token.__dataclass_fields__}),
        "get_model_layers": (get_model_layers, {"model": model}),
        "load_picture": (core.load_picture, {"source": PICTURE.to_pil(), "brightness": "full", "page": 1}),
        "Video": (Video, {name: getattr(VIDEO, name) for name in Video.__dataclass_fields__}),
        "Video.of": (Video.of, {"frames": VIDEO.frames, "times": [0, 1], "duration": 2.0, "notes": ()}),
        "Video.still": (VIDEO.still, {"number": 1}),
        "Video.to_pil": (VIDEO.to_pil, {}),
        "VideoPlan": (core.VideoPlan, {name: getattr(PLAN, name) for name in core.VideoPlan.__dataclass_fields__}),
        "load_video": (core.load_video, {"source": list(VIDEO.frames), **moments}),
        "plan_video": (core.plan_video, {"source": list(VIDEO.frames), **moments}),
    }
    return calls[name]


@pytest.mark.parametrize("name", public_calls())
def test_wrong_arguments_are_a_result_or_a_sentence(name, explainer):
    call, arguments = given(name, explainer)
    if name in TEXTS_ARE_THOSE_OF_EXPLAIN:
        call = partial(call, **{text: arguments.pop(text) for text in ("prompt", "sentence") if text in arguments})
    assert not (wrong := foreign_errors(call, arguments)), "\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", public_calls())
def test_every_argument_is_tried(name, explainer):
    call, arguments = given(name, explainer)
    accepted = {
        each.name
        for each in inspect.signature(call).parameters.values()
        if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    }
    assert set(arguments) == accepted
