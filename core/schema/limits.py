"""What can be asked at most, and the sentences that refuse what is beyond it."""

from typing import Any

from core.errors import InputError, PromptError, shown
from core.schema.checks import check_instance, check_whole, holds_surrogates

MAX_SAMPLES = 1_000
MAX_NEW_TOKENS = 1_024
MAX_PROMPT_CHARACTERS = 20_000
MAX_PICTURES = 8
MAX_FRAMES = 768
"""Of one video; as many as Qwen's processors sample."""
PIXEL_BUDGETS = 28 * 28 * 4, 28 * 28 * 16_384
"""The lowest and the highest."""
MAX_NOISE = 1_000.0
"""Standard deviations of the pixels, which are clamped to 3 of them: far more than anybody can mean."""
MOST_LAYERS = 1_000
_LONGEST_NAME = 300


def check_noise(noise_std: float) -> None:
    """
    Raises:
        InputError: it is no number that the noise can have as its standard deviation.
    """
    if type(noise_std) not in (int, float) or not 0 <= noise_std <= MAX_NOISE:
        raise InputError(f"The noise must be a number from 0 to {MAX_NOISE:,.0f}, not {shown(noise_std)}.")


def check_prompt(prompt: str) -> str:
    """Returns `prompt` if it can be asked.

    Raises:
        PromptError: it is empty or longer than `MAX_PROMPT_CHARACTERS`.
    """
    if not isinstance(prompt, str) or not prompt.strip():
        raise PromptError("The prompt is empty. Type a question about the picture.")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise PromptError(
            f"The prompt has {len(prompt):,} characters; at most {MAX_PROMPT_CHARACTERS:,} can be asked. Shorten it."
        )
    return prompt


def check_answering(max_new_tokens: int, max_pixels: int | None, picture_first: bool) -> None:
    """Refuses what a model cannot be told when it answers.

    Raises:
        InputError: saying what is allowed.
    """
    check_whole("The longest answer, in tokens,", max_new_tokens, 1, MAX_NEW_TOKENS)
    if max_pixels is not None:
        check_whole("The pixel budget", max_pixels, *PIXEL_BUDGETS)
    check_instance("Whether the picture comes first", picture_first, bool, "true or false")


def check_name(what: str, value: Any) -> None:
    check_instance(what, value, str, "text")
    if len(value) > _LONGEST_NAME or holds_surrogates(value):
        raise InputError(f"{what} is a short name, not {shown(value)}.")
