"""Batches: many pictures asked about at once.

A batch says what was asked, not how far it is: that follows from what is stored, so that no kill can leave it wrong.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from cache.keys import run_id
from cache.runs.askers import Asker
from core.schema import ExplainRequest, Target


@dataclass(frozen=True)
class Row:
    """One picture or video and what is asked about it.

    Attributes:
        number: its row in the list that it came from, from 1.
        name: of the picture, for people.
        image: digest of its pixels.
        prompt: what is asked.
        phrase: the part of the answer that is explained; "" for what the batch says.
        frames: of a video, how many were sampled; 0 for a picture.
    """

    number: int
    name: str
    image: str
    prompt: str
    phrase: str = ""
    frames: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Its fields; without frames where there are none, as before there were videos."""
        values = asdict(self)
        return values if self.frames else {name: value for name, value in values.items() if name != "frames"}


@dataclass(frozen=True)
class Batch:
    """Rows that are asked with the same parameters.

    Attributes:
        created: seconds since 1970; no part of its name.
        template: a request whose picture, prompt and, where a row has a phrase, target are the row's.
        rows: at least one.
        who: who asked.
        private: whether it is for them alone; then their name is part of its own.

    Raises:
        InputError: it is to be private to nobody.
    """

    created: float
    template: ExplainRequest
    rows: tuple[Row, ...]
    who: str = ""
    private: bool = False

    def __post_init__(self) -> None:
        Asker(self.who, self.private)  # checked there

    @property
    def private_to(self) -> str:
        """Who alone sees it; "" where everybody does."""
        return self.who if self.private else ""

    @cached_property
    def id(self) -> str:
        """Its name in addresses; the same rows asked in the same way, and for the same eyes, are the same batch."""
        named = [self.template.to_dict(), [row.to_dict() for row in self.rows]]
        content = json.dumps([*named, self.who] if self.private else named, sort_keys=True)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @cached_property
    def requests(self) -> tuple[ExplainRequest, ...]:
        """What each row asks."""
        return tuple(request_of(self.template, row.image, row.prompt, row.phrase, row.frames) for row in self.rows)

    @cached_property
    def run_ids(self) -> tuple[str, ...]:
        """The run of each row; rows that ask the same have one in common."""
        return tuple(map(run_id, self.requests))


def request_of(template: ExplainRequest, image: str, prompt: str, phrase: str = "", frames: int = 0) -> ExplainRequest:
    """The template's question about another picture, or a video of so many sampled frames.

    Raises:
        InputError, PromptError: the prompt or the phrase cannot be used.
    """
    target = Target.words(phrase, score=template.target.score) if phrase else template.target
    return replace(template, image=image, frames=frames, prompt=prompt, target=target)
