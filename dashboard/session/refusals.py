"""Why an upload is refused: the web server says it in English, and a page in the language of whoever reads it."""

from typing import Any

from dashboard.language import N_, _

TOO_LARGE = N_("The file is larger than {count:,} MB, the most that can be uploaded here.")
VISITOR_HAS_ENOUGH = N_(
    "You may have {count:,} MB of uploaded files here at once, and this would be more. Remove some, or close other "
    "pages of this dashboard, and upload it again."
)
SERVER_IS_FULL = N_(
    "Uploads of everybody here may take {count:,} MB, and too little of that is left. Try again in a few minutes, or "
    "with a smaller file."
)
STALLED = N_("The upload stopped on its way. Upload the file again.")


class Refusal(str):
    """A sentence in English that knows what it was made of.

    Attributes:
        message: one of the above.
        values: what is filled in.
    """

    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, **values: Any) -> "Refusal":
        made = super().__new__(cls, message.format(**values))
        made.message, made.values = message, values
        return made


def in_words(refusal: str) -> str:
    """A refusal in the language that is spoken."""
    return _(refusal.message, **refusal.values) if isinstance(refusal, Refusal) else refusal
