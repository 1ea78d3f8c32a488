"""How an answer is drawn by chance, where that is asked for, and several answers to one question. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InputError, shown
from core.schema.answer import Answer
from core.schema.checks import check_instance, check_whole

TEMPERATURES = 0.01, 10.0
"""The lowest and the highest above 0, at which nothing is drawn."""
MAX_ANSWERS = 100
"""To one question, drawn at once."""
MAX_SEED = 2**63 - 1
TOKEN_SAMPLING = ("temperature", "top_p", "answer_seed")
"""Names of what says how an answer is drawn, in requests and as arguments."""


@dataclass(frozen=True)
class TokenSampling:
    """How each token of an answer is drawn.

    Attributes:
        temperature: what logits are divided by before their softmax; above 0.
        top_p: tokens are drawn from the likeliest ones alone that together have this probability (nucleus sampling,
            Holtzman et al. 2020, arXiv:1904.09751); 1 for all.
        seed: of the numbers by which tokens are drawn.

    Raises:
        InputError: a value is out of its range.
    """

    temperature: float
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_token_sampling(self.temperature, self.top_p, self.seed)
        if not self.temperature:
            raise InputError("At a temperature of 0 nothing is drawn. Choose a higher one.")


@dataclass(frozen=True)
class DrawnAnswer:
    """One of the answers that were drawn to a question.

    Attributes:
        answer: as it was first drawn.
        seeds: those with which the model said just this, ascending; each alone draws it again.
    """

    answer: Answer
    seeds: tuple[int, ...]

    @property
    def count(self) -> int:
        """How often it was said."""
        return len(self.seeds)


def check_token_sampling(temperature: Any, top_p: Any, answer_seed: Any) -> None:
    """Refuses what no answer can be drawn by.

    Raises:
        InputError: saying what is allowed.
    """
    low, high = TEMPERATURES
    if type(temperature) not in (int, float) or not (temperature == 0 or low <= temperature <= high):
        raise InputError(
            f"The temperature must be 0, for the likeliest token each time, or a number from {low:g} to {high:g}, not "
            f"{shown(temperature)}."
        )
    if type(top_p) not in (int, float) or not 0 < top_p <= 1:
        raise InputError(f"The top-p must be a number above 0, and 1 at most, not {shown(top_p)}.")
    check_whole("The answer's seed", answer_seed, 0, MAX_SEED)


def check_answers(n: Any, temperature: Any, top_p: Any, answer_seed: Any, sentence: str | None = None) -> range:
    """The seeds of `n` answers, one after the other from the first one's.

    Args:
        sentence: what is explained in place of what the model says, if anything.

    Raises:
        InputError: so many cannot be drawn, or they would all be the same.
    """
    check_token_sampling(temperature, top_p, answer_seed)
    check_whole("The number of answers", n, 1, MAX_ANSWERS)
    if sentence is not None:
        raise InputError("A sentence of your own is explained, and no answer is drawn. Leave one of the two out.")
    if n > 1 and not temperature:
        raise InputError(
            "At a temperature of 0 all answers would be the same. Choose a temperature above 0, such as 0.7, or ask "
            "for one answer."
        )
    check_whole("The last answer's seed", answer_seed + n - 1, 0, MAX_SEED)
    return range(answer_seed, answer_seed + n)


def distinct_answers(by_seed: Mapping[int, Answer]) -> tuple[DrawnAnswer, ...]:
    """Answers that read the same counted as one: the one said most often first, then the one drawn first.

    Args:
        by_seed: seed -> what the model said with it.
    """
    check_instance("The answers", by_seed, Mapping, "a table of seeds and answers")
    seeds: dict[str, list[int]] = {}
    for seed in sorted(by_seed):
        seeds.setdefault(by_seed[seed].text, []).append(seed)
    found = [DrawnAnswer(by_seed[same[0]], tuple(same)) for same in seeds.values()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.seeds[0])))
