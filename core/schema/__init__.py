"""What is asked and what comes back: frozen, validated values with no torch in them."""

from core.schema.answer import Answer, Token
from core.schema.progress import Progress
from core.schema.request import (
    MAX_NEW_TOKENS,
    MAX_PICTURES,
    MAX_PROMPT_CHARACTERS,
    MAX_SAMPLES,
    ExplainRequest,
    Tap,
    check_prompt,
)
from core.schema.result import ExplainResult, gather
from core.schema.target import Target

__all__ = [
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
    "Token",
    "check_prompt",
    "gather",
]
