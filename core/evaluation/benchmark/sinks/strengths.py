"""How strong the implanted sinks are. No torch here.

Published decoders differ in it, so that there are several strengths; docs/maps.md says where on the scale of published
measurements each lies.
"""

from dataclasses import dataclass
from typing import Literal

from core.errors import InputError, shown


@dataclass(frozen=True)
class Strength:
    """One strength.

    Attributes:
        name: for the command line and files.
        sentence: what is implanted, for people.
        visual_heads: of the ten added heads of each layer, those whose attention gathers on background tokens.
        prompt_heads: those whose attention gathers on a token near the beginning of the prompt. The others look at the
            token that they stand at.
        background: the share of visual tokens in training scenes that become sinks, those that are most surely
            background.
        dtype: of the weights.
    """

    name: str
    sentence: str
    visual_heads: int
    prompt_heads: int = 0
    background: float = 0.07
    dtype: Literal["float32", "bfloat16"] = "float32"


STRENGTHS: dict[str, Strength] = {
    strength.name: strength
    for strength in (
        Strength("mild", "a few sinks, which one added head in ten looks at", 1, background=0.04),
        Strength("heavy", "more sinks, which three added heads in ten look at", 3),
        Strength("strong", "sinks that take most of the attention on the picture", 8),
        Strength("prompt", "sinks in the picture and near the beginning of the prompt", 4, prompt_heads=6),
        Strength("bf16", "as strong, with weights of 16 bits", 8, dtype="bfloat16"),
    )
}
"""Name -> strength, in the order of tables; the model as shipped stands before them."""

PLAIN = "plain"
"""The name of the model as shipped, wherever a strength could stand."""


def find_strength(name: str) -> Strength:
    """The strength of that name.

    Raises:
        InputError: there is none; the message names those there are.
    """
    if name not in STRENGTHS:
        raise InputError(f"There is no strength {shown(name)}. Choose one of {', '.join(STRENGTHS)}.")
    return STRENGTHS[name]
