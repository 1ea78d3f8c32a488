"""The command line and the lines of Python that compute a result again."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import fields

from core.models.visual_token_count import OFF, USUAL_BUDGET
from core.schema import ExplainResult
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
    words.append(f"--prompt={request.prompt}")
    if not request.picture_first:
        words.append("--picture_after")
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
    paths = _each(pictures)
    shown = repr(paths[0]) if len(paths) == 1 else repr(paths)
    given = [f"video={shown}", f"prompt={request.prompt!r}"] if request.is_video else [shown, repr(request.prompt)]
    words = [f"{name}={value!r}" for name, value in options.items()]
    if told:
        words.append(f"target=Target({', '.join(f'{name}={value!r}' for name, value in told.items())})")
    return "\n".join(
        [
            *([f"# {IMPORTED}"] if request.origin else []),
            "from core import Explainer, Target" if told else "from core import Explainer",
            "",
            f"explainer = Explainer.from_pretrained({repr(model) if model else ''})",
            "result = explainer.explain(",
            *(f"    {word}," for word in (*given, *words)),
            ")",
        ]
    )


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
