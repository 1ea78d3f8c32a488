"""A question and what was said before it as messages, and where each text stands in what a chat template writes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jinja2 import TemplateError
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.errors import InputError
from core.inputs.token_text import text_and_spans
from core.models.chat import write_message
from core.models.faults.templates import MARK
from core.models.loading import LoadedModel
from core.schema.conversation import Conversation, pictures_before

_WITHOUT = "Ask without the system prompt and the earlier turns, or choose a model that was trained on conversations."
_TEXT = re.compile(rf"{MARK} \((\d+)\)")


@dataclass(frozen=True)
class Chat:
    """What the model is to answer.

    Attributes:
        prompt: the question.
        picture_first: of the pictures beside the question, whether they stand before it.
        conversation: what was said before.
    """

    prompt: str
    picture_first: bool = True
    conversation: Conversation = ()

    def messages(self, shown: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Mapping[str, Any]]]:
        """(messages before the question's, what the question's holds), as `core.models.chat` takes them.

        Args:
            shown: the parts for the pictures, in the order in which the model reads them; or for the one video.
        """

        def part(of: str | int) -> Mapping[str, Any]:
            return shown[of] if isinstance(of, int) else {"type": "text", "text": of}

        before = [{"role": turn.role, "content": [*map(part, turn.content)]} for turn in self.conversation]
        begun = before.pop()["content"] if before and before[-1]["role"] == "user" else []
        beside, asked = shown[pictures_before(self.conversation) :], part(self.prompt)
        return before, [*begun, *beside, asked] if self.picture_first else [*begun, asked, *beside]

    def segments(self, loaded: LoadedModel, template: str | None, kind: str, pictures: int) -> tuple[str, ...]:
        """What a chat template writes before each text, from the end of the text before on.

        Args:
            kind: "image" or "video".
            pictures: how many there are of that kind.

        Raises:
            InputError: it leaves out a text or a picture, or puts one elsewhere.
        """
        before, content = self.messages([{"type": kind}] * pictures)
        messages = [*before, {"role": "user", "content": content}]
        wanted, count = [], 0
        for part in (part for message in messages for part in message["content"]):
            wanted.append(-1 if part["type"] == kind else count)
            count += part["type"] == "text"
        *marked, last = _marked(messages)
        place = loaded.processor.image_token if kind == "image" else loaded.processor.video_token
        try:
            written = write_message(loaded.processor, last["content"], template, marked)
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise InputError(
                f"The chat template of {loaded.name} cannot write this conversation ({lines[0][:200]}). {_WITHOUT}"
            ) from error
        either = re.finditer(rf"{_TEXT.pattern}|{re.escape(place)}", written)
        found = [-1 if each[1] is None else int(each[1]) for each in either]
        if sorted(found) != sorted(wanted):
            what = "a picture" if found.count(-1) != wanted.count(-1) else "a text"
            raise InputError(f"The chat template of {loaded.name} leaves {what} of this conversation out. {_WITHOUT}")
        if found != wanted:
            raise InputError(
                f"The chat template of {loaded.name} puts pictures before the text, wherever they are asked for. "
                "Put the pictures of each turn before its texts."
            )
        return tuple(_TEXT.split(written)[0:-1:2])

    @property
    def texts(self) -> tuple[tuple[int, str], ...]:
        """(turn, text) of each text in its order; the question's turn is the last."""
        each = [
            (number, part)
            for number, turn in enumerate(self.conversation)
            for part in turn.content
            if isinstance(part, str)
        ]
        return (*each, (len(self.conversation), self.prompt))


def _marked(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Messages whose texts are numbered marks."""
    marked, count = [], 0
    for message in messages:
        content = []
        for part in message["content"]:
            if part["type"] == "text":
                part, count = {"type": "text", "text": f"{MARK} ({count})"}, count + 1
            content.append(part)
        marked.append({"role": message["role"], "content": content})
    return marked


def text_positions(
    tokenizer: PreTrainedTokenizerBase,
    ids: Tensor,
    chat: Chat,
    segments: Sequence[str],
    place: str,
    ends: Sequence[int],
) -> tuple[Tensor, ...]:
    """Positions of the tokens that hold each turn's texts, and last of those that hold the question.

    Found from the beginning on: what the template writes around a text is passed over first, so that a short text is
    not found in it. A text that the template does not write as it was typed, such as an answer whose thought it takes
    away, has no positions; the question has those of all plain tokens from there on.

    Args:
        ids: int64 [prompt].
        segments: as `Chat.segments` gives them.
        place: what the template writes for a picture.
        ends: of each picture, the position after its last placeholder.
    """
    text, spans = text_and_spans(tokenizer, ids.tolist(), strip=False)
    starts, stops = np.array(spans).T
    # Of added tokens, those that are special are not in the text; all of them separate what the template writes.
    added = sorted(tokenizer.added_tokens_encoder, key=len, reverse=True)
    separator = re.compile("|".join(map(re.escape, added)) or r"$^")
    at, shown = 0, 0
    found: list[list[Tensor]] = [[] for _ in range(len(chat.conversation) + 1)]
    for segment, (turn, said) in zip(segments, chat.texts, strict=True):
        if pictures := segment.count(place):
            shown += pictures
            at = max(at, int(stops[ends[shown - 1] - 1]))
        for piece in separator.split(segment.rpartition(place)[2]):
            at = _after(text, piece.strip(), at)
        stop = _after(text, said, at)
        length = len(said)
        if stop == at:  # some templates take the blanks around a text away
            stop, length = _after(text, said.strip(), at), len(said.strip())
        if stop > at:
            found[turn].append(torch.from_numpy(np.flatnonzero((starts < stop) & (stops > stop - length))))
            at = stop
    if not found[-1]:
        plain = ~np.isin(ids.numpy(), [*tokenizer.added_tokens_decoder]) & (starts >= at)
        found[-1].append(torch.from_numpy(np.flatnonzero(plain)))
    return tuple(torch.cat(each) if each else torch.zeros(0, dtype=torch.int64) for each in found)


def _after(text: str, piece: str, at: int) -> int:
    """Where a piece that stands at or behind a place of a text ends; that place if it does not."""
    found = text.find(piece, at) if piece else -1
    return at if found < 0 else found + len(piece)
