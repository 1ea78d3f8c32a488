"""What can be said when something is asked, searched or drawn, field by field. In JSON, "7" is no 7."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cache.runs.filters import ORDERS
from core.rendering.overlay import COLORMAPS, DEFAULT_COLORMAP, OPACITY
from core.schema import MAX_FRAMES, MAX_NEW_TOKENS, MAX_PICTURES
from core.schema.conversation import MAX_PARTS, MAX_TURNS
from core.schema.layers import LAYER_CHOICES, MOST_LISTED
from core.schema.limits import MAX_PROMPT_CHARACTERS, MAX_SAMPLES
from core.schema.methods import DEFAULT_METHOD, METHODS
from core.schema.model_parts import Part
from core.schema.request import Tap
from core.schema.target import DEFAULT_SCORE, MAX_CHARACTERS, Kind, Score

Phrase = Annotated[str, Field(max_length=MAX_CHARACTERS)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=300)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class TargetOptions(_Strict):
    """Which part of the answer is explained; only what its kind has a use for may be said."""

    kind: Kind = Field("answer", description="all of the answer, some tokens, a phrase, or one token against another")
    start: int = Field(0, description="of tokens: the first one, from 0")
    stop: int | None = Field(None, description="of tokens: one past the last; null for the end of the answer")
    phrase: Phrase | None = Field(None, description="of words: text to look for in the answer")
    occurrence: int = Field(1, description="of words: which one, from 1")
    position: int | None = Field(None, description="of contrast: the token that was said")
    instead: Phrase | None = Field(None, description="of contrast: what might have been said")
    sentence: Phrase | None = Field(None, description="explained in place of what the model says")
    score: Score = Field(DEFAULT_SCORE, description="what is summed over the explained tokens")


class Told(_Strict):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: Annotated[list[str | int], Field(min_length=1, max_length=MAX_PARTS)] = Field(
        description="texts, and numbers of the prompt's pictures, from 0, where these stand"
    )


class RunOptions(_Strict):
    """A question; what is left out is as on the page."""

    prompt: str = Field(min_length=1, max_length=MAX_PROMPT_CHARACTERS, description="what is asked")
    pictures: list[Digest] = Field(
        [], max_length=MAX_PICTURES, description="digests of stored pictures, where none are uploaded"
    )
    run: str | None = Field(None, max_length=64, description="a run whose pictures, or whose video, are asked about")
    model: Name | None = Field(None, description="a name of /models; null for the first one")
    method: Name = Field(DEFAULT_METHOD, description=f"one of: {', '.join(METHODS)}")
    part: Part = Field("decoder", description="of the model, what the layers are of")
    layers: Annotated[str, Field(max_length=1000)] | Annotated[list[int], Field(max_length=MOST_LISTED)] = Field(
        "all", description=f'{", ".join(LAYER_CHOICES)}, numbers and ranges such as "0, 3, 5-8, -1", or a list'
    )
    tap: Tap = Field("input", description="whether a layer's input or its output is read")
    target: TargetOptions | Phrase | None = Field(
        None, description="what is explained; a text is a phrase of the answer"
    )
    samples: int = Field(10, ge=1, le=MAX_SAMPLES, description="noise samples")
    noise: float = Field(0.15, ge=0, description="standard deviation of the noise, in normalised pixel values")
    seed: int = Field(0, ge=0, description="of the noise")
    settle: bool = Field(False, description="whether fewer samples will do once more would not change the maps")
    max_new_tokens: int = Field(128, ge=1, le=MAX_NEW_TOKENS, description="longest answer, in tokens")
    temperature: float = Field(
        0.0, description="at which the answer is drawn by chance; 0: the likeliest token each time"
    )
    top_p: float = Field(
        1.0, description="of an answer that is drawn: from the likeliest tokens of this share together"
    )
    answer_seed: int = Field(0, ge=0, description="of an answer that is drawn")
    system: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)] = Field(
        "", description="what the model is told first, in place of its own system prompt"
    )
    conversation: list[Told] = Field(
        [], max_length=MAX_TURNS, description="what was said before the question, by the user and the assistant in turn"
    )
    visual_tokens: Annotated[int, Field(ge=4, le=16384)] | Literal["off"] | None = Field(
        None, description="that each picture takes at most; off: the model's own limits; null: what the server says"
    )
    brightness: str = Field(
        "auto",
        max_length=100,
        description="of pictures with more than 8 bits a channel: auto, full, percentiles, or the values that become "
        "black and white, such as 0..4095",
    )
    page: int = Field(1, ge=1, description="of PDF documents: which page is the picture, from 1")
    picture_first: bool = Field(True, description="whether the pictures stand before the prompt")
    fps: float | None = Field(None, description="of a video: frames sampled a second")
    frames: int | None = Field(None, ge=1, le=MAX_FRAMES, description="of a video: frames sampled in all")
    start: float | None = Field(None, ge=0, description="of a video: from which second on")
    end: float | None = Field(None, ge=0, description="of a video: up to which second")
    private: bool = Field(False, description="whether the run is for oneself alone")


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Search(_Query):
    """Which runs of the history are listed."""

    q: str = Field("", max_length=1000, description="words that stand in prompt, answer, note or title")
    picture: Name = Field("", description="occurs in the picture's name")
    model: Name = Field("", description="exactly this model")
    method: Name = Field("", description="exactly this method")
    tag: Name = Field("", description="exactly this tag")
    who: Name = Field("", description="who asked first")
    rating: int = Field(0, ge=0, le=5, description="at least so many stars")
    since: datetime | None = Field(None, description="first run at this moment or later")
    until: datetime | None = Field(None, description="first run before this moment or at it")
    pinned: bool = Field(False, description="pinned ones alone")
    private: bool = Field(False, description="one's own private ones alone")
    stored: bool | None = Field(None, description="whether the numbers are still stored")
    imported: bool | None = Field(None, description="whether they were imported")
    sort: Literal[tuple(ORDERS)] = Field("created", description="what they are sorted by")
    ascending: bool = Field(False, description="from the smallest or earliest")
    limit: int = Field(25, ge=1, le=200, description="runs in one answer")
    offset: int = Field(0, ge=0, le=10**9, description="runs that are passed over")


class Drawing(_Query):
    """Which map is drawn, and how. Without a map, it is the one that stands for the run."""

    picture: int = Field(0, ge=0, lt=MAX_PICTURES, description="of several in the prompt, from 0")
    layer: int | None = Field(None, ge=0, lt=10_000, description="of the run's own method")
    method: Name | None = Field(None, description="whose map is drawn: the run's own, or combined")
    step: int | None = Field(
        None, ge=0, lt=MAX_FRAMES, description="of a video, the time step; without it, a sheet of them"
    )
    opacity: float = Field(OPACITY, ge=0, le=1, description="of the hottest place")
    colormap: Literal[tuple(COLORMAPS)] = Field(DEFAULT_COLORMAP, description="the colours")
    threshold: float = Field(0.0, ge=0, le=1, description="share of the hottest cell below which nothing is coloured")
    cells: bool = Field(False, description="flat cells, not smooth colours")
    bar: bool = Field(False, description="with what the colours stand for below")
    caption: bool = Field(False, description="with prompt, answer, map and model below")
