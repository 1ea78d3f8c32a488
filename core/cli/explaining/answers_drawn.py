"""`--answers`: the seeds of several answers to one question, and how often each answer was drawn."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.schema.drawn_answers import check_answers
from core.schema.visible_text import visible


def seeds(options: argparse.Namespace) -> Sequence[int]:
    """The seed of each answer that is asked for.

    Raises:
        InputError: all of them would be the same.
    """
    if options.answers == 1:
        return [options.answer_seed]
    return check_answers(options.answers, options.temperature, options.top_p, options.answer_seed, options.text)


def counts(told: Sequence[Mapping[str, Any]]) -> str:
    """How often each answer to each question was drawn, as text; "" where no question has several.

    Args:
        told: what `core.cli.explaining.told.told` said of each result.
    """
    said: dict[tuple[str, ...], Counter[str]] = {}
    for each in told:
        said.setdefault((*each["image_path"], each["prompt"]), Counter())[each["answer"]] += 1
    lines = []
    for question, answers in said.items():
        if answers.total() > 1:
            lines += ["", visible(f"{answers.total()} answers to {question[-1]}"[:200])]
            lines += [f"{count:>5d}  {visible(answer)}" for answer, count in answers.most_common()]
    return "\n".join(lines)
