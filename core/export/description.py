"""What the description of an exported result holds, field by field: of which type, and from where to where.

Nothing is converted: "7" is no number, and True is no 1. What `core.schema` checks itself, such as whether there is a
method of that name, is checked there.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.analysis.boxes.reading import MOST_BOXES
from core.errors import InputError
from core.export.strict_json import NotJson, read_json
from core.schema import MAX_FRAMES, MAX_NEW_TOKENS, MAX_PICTURES
from core.schema.conversation import MAX_CONVERSATION_CHARACTERS, MAX_PARTS, MAX_TURNS
from core.schema.limits import MAX_PROMPT_CHARACTERS
from core.schema.target import MAX_CHARACTERS

MOST_LAYERS = 1_000
MOST_CHARACTERS = 2**16
"""Of an answer: 64 a token."""
LONGEST_TOKEN = 1_000
MOST_ALTERNATIVES = 50
LONGEST_DESCRIPTION = 2**22
LONGEST_NAME = 300
LARGEST_NOISE = 1_000
_LARGEST_ID = 2**31
_LONGEST_TIME = 10 * 365 * 24 * 3600.0

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Layers = Annotated[list[Annotated[int, Field(ge=0, lt=MOST_LAYERS)]], Field(max_length=MOST_LAYERS)]
Chance = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[dict[Name, Annotated[float, Field(ge=0, le=_LONGEST_TIME)]], Field(max_length=20)]
Size = Annotated[list[Annotated[int, Field(ge=1, lt=_LARGEST_ID)]], Field(min_length=2, max_length=2)]
Step = Annotated[list[Annotated[float, Field(ge=0, le=_LONGEST_TIME)]], Field(min_length=2, max_length=2)]
Phrase = Annotated[str, Field(max_length=MAX_CHARACTERS)]
Fragment = Annotated[str, Field(max_length=LONGEST_TOKEN)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class DescribedTarget(_Strict):
    """The types in a target; `Target` checks the rest."""

    kind: Name = "answer"
    start: int = 0
    stop: int | None = None
    phrase: Phrase | None = None
    occurrence: int = 1
    position: int | None = None
    instead: Phrase | None = None
    sentence: Phrase | None = None
    score: Name = ""


class DescribedTurn(_Strict):
    """The types in a turn before the question; `Turn` checks the rest."""

    role: Name
    content: Annotated[
        list[Annotated[str, Field(max_length=MAX_CONVERSATION_CHARACTERS)] | int], Field(max_length=MAX_PARTS)
    ]


class Request(_Strict):
    """The types in a request; `ExplainRequest` checks the rest."""

    image: Name
    prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)]
    model: Name
    layers: Layers
    target: DescribedTarget
    method: Name = ""
    tap: Name = ""
    num_samples: int = 0
    noise_std: Annotated[float, Field(ge=0, le=LARGEST_NOISE)] = 0.0
    seed: int = 0
    max_new_tokens: int = 0
    max_pixels: int | None = None
    images: Annotated[list[Name], Field(max_length=MAX_PICTURES)] = []
    picture: int = 0
    picture_first: bool = True
    formula: int = 1
    part: Name = ""
    origin: Name = ""
    frames: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    answer_seed: int = 0
    conversation: Annotated[list[DescribedTurn], Field(max_length=MAX_TURNS)] = []


class DescribedToken(_Strict):
    """A token of the answer, and what else the model considered there."""

    id: Annotated[int, Field(ge=0, lt=_LARGEST_ID)]
    text: Fragment
    start: Annotated[int, Field(ge=0, le=MOST_CHARACTERS)]
    stop: Annotated[int, Field(ge=0, le=MOST_CHARACTERS)]
    probability: Chance
    alternatives: Annotated[
        list[Annotated[list[Fragment | Chance], Field(min_length=2, max_length=2)]], Field(max_length=MOST_ALTERNATIVES)
    ]


class DescribedMaps(_Strict):
    """What is told of some maps."""

    num_samples: Any
    seconds: Seconds


class Companion(DescribedMaps):
    """Of another method's maps."""

    layers: Layers
    total_layers: Any = None


class Grid(_Strict):
    """Rows and columns of cells."""

    rows: int
    columns: int


class Seen(_Strict):
    """How the model saw a picture."""

    model_type: Name
    size: Size
    seen: Size | None = None


class OfPicture(DescribedMaps):
    """Of the maps of one picture; what follows from the maps and the answer themselves is not read."""

    grid: Grid
    companions: Annotated[dict[Name, Companion], Field(max_length=50)]
    concentration: dict[str, Any] = {}
    boxes: Annotated[list[dict[str, Any]], Field(max_length=MOST_BOXES)] = []
    boxes_notes: list[str] = []
    seen: Seen | None = None
    steps: Annotated[list[Step], Field(max_length=MAX_FRAMES)] = []


class Further(OfPicture):
    """Of the maps of a further picture of the prompt."""

    image: Name


class Description(OfPicture):
    """All that is told of a result."""

    request: Request
    method: dict[str, Any] = {}
    answer: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    tokens: Annotated[list[DescribedToken], Field(max_length=MAX_NEW_TOKENS)]
    thought: Annotated[int, Field(ge=0, le=MAX_NEW_TOKENS)] = 0
    total_layers: Any
    pictures: Annotated[list[Further], Field(max_length=MAX_PICTURES - 1)] = []
    imported: str = ""


def read_description(text: str) -> Description:
    """The description, checked.

    Raises:
        InputError: it is not what an export writes, as the end of a sentence.
    """
    try:
        return Description.model_validate(read_json(text))
    except NotJson as error:
        raise InputError(f"its description cannot be read: {error}.") from None
    except ValidationError as error:
        what = "answer" if error.errors()[0]["loc"][:1] == ("answer",) else "description"
        raise InputError(f"its {what} cannot be read: {why(error)}.") from None


def why(error: ValidationError) -> str:
    """What is wrong with the first field that is, in words; the value itself, a stranger's, is not repeated."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = " ".join(str(step) for step in first["loc"] if not isinstance(step, int))[:100]
    words = first["msg"][:1].lower() + first["msg"][1:]
    # A key that is not known is a stranger's, too.
    return f"{_shown(place)}: {words}" if place else words


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
