"""Batches: many pictures asked about at once.

A batch says what was asked, not how far it is: that follows from what is stored, so that no kill can leave it wrong.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from cache.keys import run_id
from core.schema import ExplainRequest, Target


@dataclass(frozen=True)
class Row:
    """One picture and what is asked about it.

    Attributes:
        number: its row in the list that it came from, from 1.
        name: of the picture, for people.
        image: digest of its pixels.
        prompt: what is asked.
        phrase: the part of the answer that is explained; "" for what the batch says.
    """

    number: int
    name: str
    image: str
    prompt: str
    phrase: str = ""


@dataclass(frozen=True)
class Batch:
    """Rows that are asked with the same parameters.

    Attributes:
        created: seconds since 1970; no part of its name.
        template: a request whose picture, prompt and, where a row has a phrase, target are the row's.
        rows: at least one.
        who: who asked.
    """

    created: float
    template: ExplainRequest
    rows: tuple[Row, ...]
    who: str = ""

    @cached_property
    def id(self) -> str:
        """Its name in addresses; the same rows asked in the same way are the same batch."""
        content = json.dumps([self.template.to_dict(), [asdict(row) for row in self.rows]], sort_keys=True)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @cached_property
    def requests(self) -> tuple[ExplainRequest, ...]:
        """What each row asks."""
        return tuple(request_of(self.template, row.image, row.prompt, row.phrase) for row in self.rows)

    @cached_property
    def run_ids(self) -> tuple[str, ...]:
        """The run of each row; rows that ask the same have one in common."""
        return tuple(map(run_id, self.requests))


def request_of(template: ExplainRequest, image: str, prompt: str, phrase: str = "") -> ExplainRequest:
    """The template's question about another picture.

    Raises:
        InputError, PromptError: the prompt or the phrase cannot be used.
    """
    target = Target.words(phrase, score=template.target.score) if phrase else template.target
    return replace(template, image=image, prompt=prompt, target=target)
