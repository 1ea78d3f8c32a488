"""`--system` and `--messages`: what was said before the question."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, PromptError
from core.inputs.conversations.message_list import read_messages
from core.schema.conversation import with_system

_LONGEST = 4_000_000
"""Bytes of a file of messages."""


def add_conversation(parser: argparse.ArgumentParser) -> None:
    """The two options; `settle` reads them."""
    parser.add_argument("--system", metavar="TEXT", help="tell the model this first, in place of its own system prompt")
    parser.add_argument(
        "--messages",
        metavar="FILE",
        help='a conversation, as a JSON file or as JSON itself: a list of {"role": "user", "content": [...]}, in which '
        '{"type": "image"} stands for each picture; ends with the question, or --prompt follows',
    )


def settle(options: argparse.Namespace, pictures: Sequence[str], usual: str | None = None) -> None:
    """Puts into the options what was asked: `prompt`, `conversation`, and `picture_after` where messages say so.

    Args:
        pictures: those named on the command line.
        usual: the prompt that is meant where none was given.

    Raises:
        InputError, PromptError: the messages cannot be read, or there is no question, or there are two.
    """
    conversation = ()
    if options.messages is not None:
        listed = _read(options.messages)
        ends = bool(listed) and isinstance(listed[-1], dict) and listed[-1].get("role") == "user"
        if ends and options.prompt not in (None, usual):
            raise PromptError("The messages end with a question. Leave --prompt out, or that message.")
        if not ends:
            listed = [*listed, _question(options, listed, len(pictures))]
        is_video = any(part.get("type") == "video" for part in _parts(listed))
        beside = {"video": pictures[0]} if is_video and len(pictures) == 1 else {"images": list(pictures)}
        asked = read_messages(listed, **beside)
        options.prompt, conversation, options.picture_after = asked.prompt, asked.conversation, not asked.picture_first
    if options.prompt is None:
        options.prompt = usual
    if options.prompt is None:
        raise PromptError("Nothing is asked. Give a question as --prompt, or messages that end with one.")
    options.conversation = with_system(options.system, conversation)


def _question(options: argparse.Namespace, listed: Sequence[Any], pictures: int) -> dict[str, Any]:
    """The prompt as a message; pictures that no other message has a place for stand beside it."""
    if options.prompt is None:
        raise PromptError("The messages do not end with a question. Add one, or give it as --prompt.")
    places = sum(part.get("type") in ("image", "video") for part in _parts(listed))
    text = {"type": "text", "text": options.prompt}
    beside = [{"type": "image"}] * (pictures - places) if places else []
    return {"role": "user", "content": [text, *beside] if options.picture_after else [*beside, text]}


def _parts(listed: Sequence[Any]) -> list[dict[str, Any]]:
    contents = [message.get("content") for message in listed if isinstance(message, dict)]
    return [part for content in contents if isinstance(content, list) for part in content if isinstance(part, dict)]


def _read(given: str) -> list[Any]:
    text = given
    if not given.lstrip().startswith("["):
        try:
            with Path(given).open("rb") as file:
                data = file.read(_LONGEST + 1)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "there cannot be such a file"
            raise InputError(f"The messages {given[:100]!r} cannot be read: {why}.") from None
        if len(data) > _LONGEST:
            raise InputError(f"The file of messages is larger than {_LONGEST // 10**6} MB. Leave the oldest ones out.")
        text = data.decode("utf-8-sig", "replace")
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            "The messages are no JSON. Write a list of messages, each with a role and a content."
        ) from None
    if not isinstance(listed, list):
        raise InputError("The messages are no list. Write a list of messages with role and content.")
    return listed
