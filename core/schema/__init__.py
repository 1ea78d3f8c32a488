"""What is asked and what comes back: frozen, validated values with no torch in them."""

from core.schema.answer import Answer, Token
from core.schema.limits import (
    MAX_FRAMES,
    MAX_NEW_TOKENS,
    MAX_PICTURES,
    MAX_PROMPT_CHARACTERS,
    MAX_SAMPLES,
    check_prompt,
)
from core.schema.progress import Progress
from core.schema.request import ExplainRequest, Tap
from core.schema.result import ExplainResult, gather
from core.schema.target import Target
from core.schema.time_steps import TimeStep

__all__ = [
    "MAX_FRAMES",
    "MAX_NEW_TOKENS",
    "MAX_PICTURES",
    "MAX_PROMPT_CHARACTERS",
    "MAX_SAMPLES",
    "Answer",
    "ExplainRequest",
    "ExplainResult",
    "Progress",
    "Tap",
    "Target",
    "TimeStep",
    "Token",
    "check_prompt",
    "gather",
]
