"""A list of messages, as transformers takes it, becomes a question, what was said before it, and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InputError, PromptError, shown
from core.schema.checks import check_choice, check_instance, check_list
from core.schema.conversation import MAX_PARTS, MAX_TURNS, ROLES, Conversation, Turn

Message = Mapping[str, Any]
"""{"role": "user", "content": "text"}, or with a list of parts as its content: {"type": "text", "text": "..."},
{"type": "image", "image": a PIL image, the bytes of a file, its path, or a `Picture`}, {"type": "video", "video": ...}.
Of an image or a video without its own, the next of those that are given beside the list is meant."""

_KINDS = ("text", "image", "video")
_UNREAD = {"image_url": "image", "input_image": "image", "video_url": "video", "input_text": "text"}
"""Parts as other interfaces call them."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What a message list asks.

    Attributes:
        prompt: the last text of the last message, which is the user's.
        conversation: what stands before it.
        picture_first: of the pictures beside the prompt, whether they stand before it.
        pictures: of all messages, in their order, as they were given.
        video: in place of pictures; None without one.
    """

    prompt: str
    conversation: Conversation
    picture_first: bool
    pictures: tuple[Any, ...]
    video: Any = None


def read_messages(messages: Sequence[Message], images: Any = None, video: Any = None) -> Asked:
    """Reads a message list.

    Args:
        images: those that messages name without bringing them, in their order: one, or a list. Where no message names
            any, they stand before the last text.
        video: likewise, the one.

    Raises:
        InputError, PromptError: something in it is missing or cannot be read; the sentence says what.
    """
    listed = check_list("Messages", messages, MAX_TURNS + 1)
    if not listed:
        raise PromptError("The list of messages is empty. Give at least the user's question.")
    read = [(_role(message), _parts(message)) for message in listed]
    if read[-1][0] != "user":
        raise PromptError(
            f"The last message is the {read[-1][0]}'s. The user's question has to be the last one; what the model says "
            "to it is explained."
        )
    given = [] if images is None else list(images) if isinstance(images, list | tuple) else [images]
    turns, seen = _numbered(read, given, video)
    *before, (_, last) = turns
    texts = [place for place, part in enumerate(last) if isinstance(part, str)]
    if not texts:
        raise PromptError("The last message holds no text. Ask something in it.")
    at = texts[-1]
    behind = last[at + 1 :]
    begin = at
    while not behind and begin and isinstance(last[begin - 1], int):
        begin -= 1
    conversation = [Turn(role, tuple(content)) for role, content in before]
    if last[:begin]:
        conversation.append(Turn("user", tuple(last[:begin])))
    kinds = {kind for kind, _ in seen}
    if "video" in kinds and len(seen) > 1:
        raise InputError("Messages hold one video, or pictures, not both. Ask about each on its own.")
    sources = tuple(source for _, source in seen)
    told = {"pictures": (), "video": sources[0]} if "video" in kinds else {"pictures": sources}
    return Asked(last[at], tuple(conversation), not behind, **told)


def _role(message: Any) -> Any:
    check_instance("A message", message, Mapping, "a mapping with a role and a content")
    unknown = sorted(shown(name) for name in message.keys() - {"role", "content"})
    if unknown or len(message) < 2:
        wrong = f"{', '.join(unknown[:5])} cannot be read" if unknown else "one of them is missing"
        raise InputError(f"A message has a role and a content: {wrong}.")
    check_choice("role", message["role"], ROLES)
    return message["role"]


def _parts(message: Message) -> list[tuple[str, Any]]:
    """(kind, what is said or shown) of each part; None for what is to be taken from what is given beside."""
    content = message["content"]
    if isinstance(content, str):
        return [("text", content)]
    check_instance("A message's content", content, list | tuple, "text, or a list of parts")
    return [_part(part) for part in check_list("A message's content", content, MAX_PARTS)]


def _part(part: Any) -> tuple[str, Any]:
    check_instance("A part of a message", part, Mapping, "a mapping with a type and what is of it")
    kind = part.get("type")
    if kind in list(_UNREAD):
        wanted = _UNREAD[kind]
        raise InputError(
            f"Parts of the type {kind} are not read. Write the type {wanted}, and the {wanted} under that name."
        )
    check_choice("type of a message's part", kind, _KINDS)
    if kind == "text":
        text = part.get("text")
        check_instance("The text of a message's part", text, str, "text")
        return kind, text
    if "url" in part:
        raise InputError(f'Nothing is fetched from addresses. Give the {kind} itself, or its path, as "{kind}".')
    names = [name for name in (kind, "path") if part.get(name) is not None]
    if len(names) > 1:
        raise InputError(f'A part of a message brings one {kind}. Leave "path" out.')
    source = part[names[0]] if names else None
    if isinstance(source, str) and source.startswith("file://"):
        source = source.removeprefix("file://")
    return kind, source


def _numbered(
    read: Sequence[tuple[Any, list[tuple[str, Any]]]], given: list[Any], video: Any
) -> tuple[list[tuple[Any, list[str | int]]], list[tuple[str, Any]]]:
    """The turns with numbers in the place of what is shown in them, and what that is: (kind, source) of each."""
    places = [kind for _, parts in read for kind, source in parts if kind != "text" and source is None]
    brought = sum(kind != "text" for _, parts in read for kind, _ in parts)
    beside = [("image", picture) for picture in given] + ([] if video is None else [("video", video)])
    if beside and not brought:  # the plain way of asking: what is seen stands before the last text
        role, last = read[-1]
        at = max((place for place, (kind, _) in enumerate(last) if kind == "text"), default=0)
        read = [*read[:-1], (role, [*last[:at], *beside, *last[at:]])]
        beside, places = [], []
    if places != [kind for kind, _ in beside]:
        raise InputError(
            f"The messages have {len(places)} places for pictures or a video that they do not bring, and "
            f"{len(beside)} were given beside them. Give as many, in their order."
        )
    turns, seen, rest = [], [], iter(beside)
    for role, parts in read:
        content: list[str | int] = []
        for kind, source in parts:
            if kind == "text":
                content += [source] if source else []
                continue
            content.append(len(seen))
            seen.append((kind, source) if source is not None else next(rest))
        turns.append((role, content))
    return turns, seen
