"""What people wrote about an exported run, as it comes from a stranger: of which type, and how much."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cache import Change
from cache.runs.annotations import MOST_TAGS, clean_tags
from core import InputError
from core.export.description import LONGEST_NAME, why
from core.export.strict_json import NotJson, read_json
from core.schema import MAX_PICTURES
from core.schema.visible_text import visible
from dashboard.export.bundle import NOTES
from dashboard.language import _, sentence

_MOST_CHARACTERS = 2**20
_LONGEST_GIVEN = 2_000

_Name = Annotated[str, Field(max_length=_LONGEST_GIVEN)]


class Notes(BaseModel):
    """What stands in a run's notes; what a later version may write beside it is left alone.

    Attributes:
        created, duration: seconds; 0 where they are unknown, or cannot be.
    """

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, protected_namespaces=())

    title: str = ""
    note: str = ""
    tags: Annotated[list[str], Field(max_length=10 * MOST_TAGS)] = []
    rating: int = 0
    picture_name: _Name = ""
    picture_names: Annotated[list[_Name], Field(max_length=MAX_PICTURES)] = []
    model_name: _Name | None = None
    created: float | None = None
    duration: float | None = None

    @field_validator("created", "duration")
    @classmethod
    def _possible(cls, seconds: float | None) -> float:
        return seconds if seconds is not None and 0 <= seconds < 1e11 else 0.0

    @property
    def model(self) -> str:
        """What the model is called; "" where nobody said."""
        return plain_name(self.model_name or "")

    def name_of(self, picture: int) -> str:
        """What one of the prompt's pictures is called, counted from 0."""
        names = self.picture_names or [self.picture_name]
        return plain_name(names[picture] if picture < len(names) else "") or "imported picture"


def read_notes(data: bytes) -> Notes:
    """The notes in the bytes of their file.

    Raises:
        InputError: they are not as an export writes them, or longer than people can write here.
    """
    if len(data) > _MOST_CHARACTERS:
        raise _unreadable(_("it is larger than 1 MB"))
    try:
        notes = Notes.model_validate(_once_read(data))
    except NotJson as error:
        raise _unreadable(sentence(str(error))) from None
    except ValidationError as error:
        raise _unreadable(why(error)) from None
    tags = clean_tags([plain_name(tag) for tag in notes.tags])
    if len(tags) > MOST_TAGS:
        raise _unreadable(_("a run has at most {most} tags", most=MOST_TAGS))
    # Raises where something is longer than it can be.
    Change(title=notes.title, note=notes.note, rating=notes.rating, add_tags=tags)
    return notes.model_copy(update={"tags": list(tags)})


def _unreadable(why: str) -> InputError:
    return InputError(_("{file} in the ZIP cannot be read: {why}. Export the run again.", file=NOTES, why=why))


def plain_name(text: str) -> str:
    """A name on one line, of which nothing is invisible or turns around what stands beside it; cut where it is long."""
    return visible(" ".join(text.split()))[:LONGEST_NAME]


def _once_read(data: bytes) -> Any:
    values = read_json(data)
    if not isinstance(values, dict):
        raise NotJson(_("it is no JSON object"))
    return values
