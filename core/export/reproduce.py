"""The command line and the lines of Python that compute a result again."""

import json
import math
import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.models.visual_token_count import OFF, USUAL_BUDGET
from core.schema import ExplainRequest, ExplainResult
from core.schema.conversation import followed_up, system_text
from core.schema.drawn_answers import TOKEN_SAMPLING
from core.schema.request import IMPORTED
from core.schema.target import DEFAULT_SCORE, Target


def command(result: ExplainResult, pictures: str | Sequence[str], model: str | None = None) -> str:
    """A shell line that computes this result again. Everything a person typed is quoted.

    Args:
        pictures: path of the picture, as the reader has it; of all of the prompt's, where there are several; of a
            video's stored frames.
        model: folder or hub id; None for the embedded checkpoint.
    """
    request = result.request
    # Joined by "=": a prompt or a name that begins with a hyphen must not be read as an option.
    words = ["python", "-m", "core", *(f"--image_path={path}" for path in _each(pictures))]
    words += _asked(request)
    if request.layers:
        words += ["--mode", "multi", "--layers", *map(str, request.layers)]
    else:
        words += ["--mode", "combined"]
    if request.part != "decoder":
        words += ["--part", request.part]
    words += ["--method", request.method, "--tap", request.tap, *target_options(request.target)]
    words += ["--num_samples", str(request.num_samples), "--noise_std", str(request.noise_std)]
    words += ["--seed", str(request.seed), "--max_new_tokens", str(request.max_new_tokens)]
    if request.temperature:
        words += ["--temperature", str(request.temperature), "--top_p", str(request.top_p)]
        words += ["--answer_seed", str(request.answer_seed)]
    if request.max_pixels is not None:
        words += ["--max_pixels", str(request.max_pixels)]
    elif math.prod(result.grid) > USUAL_BUDGET or request.images:
        words += ["--max_pixels", OFF]  # else the command line keeps pictures to its own number of visual tokens
    if model:
        words += [f"--model_path={model}"]
    return shlex.join(words)


def python_lines(result: ExplainResult, pictures: str | Sequence[str], model: str | None = None) -> str:
    """Lines of Python that compute this result again; its arguments as of `command`.

    Everything a person typed is a literal.
    """
    request, target = result.request, result.request.target
    told = {field.name: value for field in fields(target) if (value := getattr(target, field.name)) != field.default}
    options = {
        **({"layers": list(request.layers)} if request.layers else {}),
        "method": request.method,
        **({"part": request.part} if request.part != "decoder" else {}),
        **({"tap": request.tap} if request.tap != "input" else {}),
        "num_samples": request.num_samples,
        "noise_std": request.noise_std,
        "seed": request.seed,
        "max_new_tokens": request.max_new_tokens,
        **({name: getattr(request, name) for name in TOKEN_SAMPLING} if request.temperature else {}),
        **({"max_pixels": request.max_pixels} if request.max_pixels is not None else {}),
        **({"picture_first": False} if not request.picture_first else {}),
    }
    turns = [f"Turn({turn.role!r}, {turn.content!r})" for turn in request.conversation]
    paths = _each(pictures)
    shown = repr(paths[0]) if len(paths) == 1 else repr(paths)
    given = [f"video={shown}", f"prompt={request.prompt!r}"] if request.is_video else [shown, repr(request.prompt)]
    words = [f"{name}={value!r}" for name, value in options.items()]
    if turns:
        words.append(f"conversation=[{', '.join(turns)}]")
    if told:
        words.append(f"target=Target({', '.join(f'{name}={value!r}' for name, value in told.items())})")
    return "\n".join(
        [
            *([f"# {IMPORTED}"] if request.origin else []),
            f"from core import {', '.join(['Explainer', *(['Target'] if told else []), *(['Turn'] if turns else [])])}",
            "",
            f"explainer = Explainer.from_pretrained({repr(model) if model else ''})",
            "result = explainer.explain(",
            *(f"    {word}," for word in (*given, *words)),
            ")",
        ]
    )


def _asked(request: ExplainRequest) -> list[str]:
    """The prompt, and what was said before it; a place for each picture where that holds more than a system prompt."""
    system, before = system_text(request.conversation), request.conversation
    if not before or (len(before) == 1 and before[0].content == (system,)):
        told = [f"--system={system}"] if before else []
        return [f"--prompt={request.prompt}", *told, *([] if request.picture_first else ["--picture_after"])]
    kind = "video" if request.is_video else "image"
    messages = json.dumps(messages_of(request, kind), ensure_ascii=False)
    return [f"--messages={messages}"]


def messages_of(request: ExplainRequest, kind: str) -> list[dict[str, Any]]:
    """A question with what was said before it as a message list, as transformers takes it, with places for pictures.

    Args:
        kind: what stands there, "image" or "video".
    """

    def part(of: str | int) -> dict[str, str]:
        return {"type": kind} if isinstance(of, int) else {"type": "text", "text": of}

    pictures, order = len(request.all_images), request.picture_first
    *turns, _ = followed_up(request.conversation, request.prompt, "the answer", pictures, order)
    return [{"role": turn.role, "content": [*map(part, turn.content)]} for turn in turns]


def _each(pictures: str | Sequence[str]) -> list[str]:
    return [pictures] if isinstance(pictures, str) else list(pictures)


def target_options(target: Target) -> list[str]:
    """The command line's options for a target; () for the whole answer by the default score."""
    options = []
    if target.kind == "thought":
        options = ["--target", "thought"]
    elif target.kind == "tokens":
        options = ["--tokens", str(target.start), *([] if target.stop is None else [str(target.stop)])]
    elif target.kind == "words":
        options = [f"--words={target.phrase}", "--occurrence", str(target.occurrence)]
    elif target.kind == "contrast":
        options = ["--position", str(target.position), f"--instead={target.instead}"]
    if target.sentence is not None:
        options.append(f"--text={target.sentence}")
    if target.score != DEFAULT_SCORE:
        options += ["--score", target.score]
    return options
