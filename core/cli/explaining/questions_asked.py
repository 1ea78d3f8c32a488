"""What one command asks: every prompt about every picture, in one load of the model, each with a folder of its own."""

import argparse
import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

from core.cli.explaining.answers_drawn import seeds
from core.errors import InputError, shown
from core.schema.limits import check_prompt

DEFAULT_PROMPT = "请详细描述这张图片中的主要内容。"
MOST_QUESTIONS = 10_000
MOST_BYTES = 2**24
"""Of a file of prompts."""
_COLUMN = "prompt"
_LONGEST_NAME = 40


def add_prompts(parser: argparse.ArgumentParser) -> None:
    """The options that say what is asked."""
    parser.add_argument(
        "--prompt",
        dest="prompts",
        action="append",
        metavar="PROMPT",
        help=f"the question; given several times, each is asked by itself (default: {DEFAULT_PROMPT})",
    )
    parser.add_argument(
        "--prompts",
        dest="prompts_file",
        metavar="FILE",
        help=f"a file of further prompts: .csv with a column {_COLUMN}, .jsonl with a text or a field {_COLUMN} in "
        "each line, or a prompt in each line of any other",
    )


def questions(options: argparse.Namespace) -> list[argparse.Namespace]:
    """A copy of the options for each question and answer to it, with `image_path`, `prompt`, `answer_seed`, `folder`.

    The folder, below the mode's, is "" where there is one question; else it begins with the question's number, so that
    no name of a file can lead anywhere else.

    Raises:
        InputError, PromptError: a prompt cannot be asked, answers cannot be drawn, or there are too many questions.
            Pictures are not looked at.
    """
    prompts = [*(options.prompts or ()), *(_read(options.prompts_file) if options.prompts_file else ())]
    prompts = [check_prompt(prompt) for prompt in (prompts or [DEFAULT_PROMPT])]
    groups = [[path] for path in options.image_path] if options.each else [options.image_path]
    drawn = seeds(options)
    if (count := len(groups) * len(prompts) * len(drawn)) > MOST_QUESTIONS:
        raise InputError(f"That is {count:,} questions; at most {MOST_QUESTIONS:,} can be asked at once.")
    asked = []
    for number, paths in enumerate(groups, 1):
        for turn, prompt in enumerate(prompts, 1):
            for answer, seed in enumerate(drawn, 1):
                name = _folder(
                    number if len(groups) > 1 else 0,
                    paths,
                    turn if len(prompts) > 1 else 0,
                    answer if len(drawn) > 1 else 0,
                )
                own = {"image_path": paths, "prompt": prompt, "folder": name, "answer_seed": seed}
                asked.append(argparse.Namespace(**vars(options) | own))
    return asked


def _folder(picture: int, paths: Sequence[str], prompt: int, answer: int) -> str:
    """A name that any file system takes: 0 for what there is only one of."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(paths[0]).stem)[:_LONGEST_NAME].strip("_")
    parts = [f"{picture:03d}", *([stem] if stem else [])] if picture else []
    parts += [f"{name}-{number}" for name, number in (("prompt", prompt), ("answer", answer)) if number]
    return "-".join(parts)


def _read(path: str) -> list[str]:
    """The prompts in a file."""
    name = shown(Path(path).name)
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"{name} is larger than {MOST_BYTES >> 20} MB, and is no file of prompts.")
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = (
            "it is not in UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
        )
        raise InputError(f"{name} cannot be read: {why}.") from None
    readers = {".csv": _of_table, ".jsonl": _of_json_lines}
    found = readers.get(Path(path).suffix.lower(), _of_lines)(text, name)
    if not found:
        raise InputError(f"{name} holds no prompt.")
    return found


def _of_lines(text: str, _: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _of_table(text: str, name: str) -> list[str]:
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{name} cannot be read as a table: {error}.") from None
    if not rows or _COLUMN not in rows[0]:
        raise InputError(f"{name} needs a first line that names its columns, {_COLUMN} among them.")
    if "picture" in rows[0]:
        raise InputError(
            f"{name} has a column picture. Pairs of a picture and a prompt are read by python -m dashboard batch; "
            "leave the column out to ask every prompt about every picture."
        )
    return [row[_COLUMN].strip() for row in rows if (row[_COLUMN] or "").strip()]


def _of_json_lines(text: str, name: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(f"Line {number} of {name} is no JSON.") from None
        value = value.get(_COLUMN) if isinstance(value, dict) else value
        if not isinstance(value, str):
            raise InputError(f"Line {number} of {name} is neither a text nor an object with a text {_COLUMN}.")
        found.append(value)
    return found
