"""What was said before a question: turns of the system, the user and the model, and where pictures stand in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import InputError, PromptError, shown
from core.schema.checks import check_choice, check_instance, check_list, holds_surrogates

Role = Literal["system", "user", "assistant"]
ROLES: tuple[str, ...] = get_args(Role)
"""As chat templates call them: who tells the model what it is for, who asks, and the model itself."""

MAX_TURNS = 64
MAX_CONVERSATION_CHARACTERS = 100_000
"""Of all turns before the question."""
MAX_PARTS = 32
"""Texts and pictures of one turn."""


@dataclass(frozen=True)
class Turn:
    """What one of the `ROLES` said before the question.

    Attributes:
        role: who.
        content: what, in its order: texts, and for each picture its number among those of the whole prompt, counted
            from 0 as the model reads them. Of a video, which is the only one, 0.

    Raises:
        InputError, PromptError: something else than that is given, or nothing is said.
    """

    role: Role
    content: tuple[str | int, ...]

    def __post_init__(self) -> None:
        check_choice("role", self.role, ROLES)
        check_instance("What a turn holds", self.content, tuple, "a tuple of texts and picture numbers")
        if len(self.content) > MAX_PARTS:
            raise InputError(f"A turn holds at most {MAX_PARTS} texts and pictures, not {len(self.content)}.")
        for part in self.content:
            if type(part) not in (str, int):
                raise InputError(f"A turn holds texts and picture numbers, not {shown(part)}.")
            if isinstance(part, str) and holds_surrogates(part):
                raise PromptError("A turn holds half a character (a lone surrogate). Type it again.")
        if not self.pictures and not self.text.strip():
            raise PromptError(f"A turn of the {self.role} is empty. Say something in it, or take it away.")
        if "" in self.content:
            raise PromptError("A turn holds an empty text. Take it away.")

    @property
    def text(self) -> str:
        """Its texts, each on a line of its own."""
        return "\n".join(part for part in self.content if isinstance(part, str))

    @property
    def pictures(self) -> tuple[int, ...]:
        """The numbers of its pictures."""
        return tuple(part for part in self.content if isinstance(part, int))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `turns_of` reads a list of them back."""
        return {"role": self.role, "content": list(self.content)}


Conversation = tuple[Turn, ...]
"""Perhaps a turn of the system, then of the user and the model in turn. A turn of the user at its end is the beginning
of the message that ends with the question."""


def turns_of(written: Any) -> Conversation:
    """The turns of a list of what `Turn.to_dict` writes, or of turns.

    Raises:
        InputError, PromptError: it is none.
    """
    found = []
    for turn in check_list("The turns of a conversation", written, MAX_TURNS):
        if isinstance(turn, Turn):
            found.append(turn)
            continue
        if not isinstance(turn, dict) or turn.keys() != {"role", "content"}:
            raise InputError(f"A turn has a role and a content, and nothing else, not {shown(turn)}.")
        check_instance("What a turn holds", turn["content"], list | tuple, "a list of texts and picture numbers")
        found.append(Turn(turn["role"], tuple(turn["content"])))
    return tuple(found)


def check_conversation(conversation: Any, pictures: int) -> Conversation:
    """Returns `conversation` if a question can follow it.

    Args:
        pictures: how many the prompt has in all, those beside the question included; 1 for a video.

    Raises:
        InputError, PromptError: saying what of it cannot be.
    """
    check_instance("A conversation", conversation, tuple, "a tuple of turns")
    for turn in conversation:
        check_instance("A turn", turn, Turn, "a core.schema.conversation.Turn")
    if len(conversation) > MAX_TURNS:
        raise InputError(f"A conversation has at most {MAX_TURNS} turns before the question, not {len(conversation)}.")
    characters = sum(len(turn.text) for turn in conversation)
    if characters > MAX_CONVERSATION_CHARACTERS:
        raise PromptError(
            f"The turns before the question have {characters:,} characters; at most {MAX_CONVERSATION_CHARACTERS:,} "
            "can be given. Leave the oldest ones out."
        )
    _check_roles([turn.role for turn in conversation])
    numbers = [number for turn in conversation for number in turn.pictures]
    if numbers != list(range(len(numbers))):
        raise InputError(
            "Pictures of a conversation are numbered from 0 in the order in which they stand in it, not "
            f"{shown(numbers)}."
        )
    if len(numbers) > pictures:
        raise InputError(
            f"The turns before the question speak of {len(numbers)} pictures, and the prompt has {pictures}. Give all "
            "of them, in their order."
        )
    return conversation


def _check_roles(roles: Sequence[str]) -> None:
    if "system" in roles[1:]:
        raise InputError("Only the first turn can be the system's. Put all that it says there.")
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    for number, role in enumerate(spoken):
        if role != ("user", "assistant")[number % 2]:
            wanted = "The user speaks first" if number == 0 else f"Two turns of the {role} follow each other"
            raise InputError(f"{wanted}; user and assistant speak in turn. Put what one of them says into one turn.")


def pictures_before(conversation: Conversation) -> int:
    """How many of the prompt's pictures stand in turns before the question."""
    return sum(len(turn.pictures) for turn in conversation)


def turn_numbers(conversation: Conversation, pictures: int) -> tuple[int, ...]:
    """For each of the prompt's pictures, in which of the user's messages it stands, counted from 1.

    The question's is the last one. A picture that the system or the model shows counts to the message before.
    """
    found, message = [], 0
    for turn in conversation:
        message += turn.role == "user"
        found += [max(message, 1)] * len(turn.pictures)
    is_begun = bool(conversation) and conversation[-1].role == "user"
    last = message if is_begun else message + 1
    return (*found, *[last] * (pictures - len(found)))


def system_text(conversation: Conversation) -> str:
    """What the system says; "" where it says nothing."""
    return conversation[0].text if conversation and conversation[0].role == "system" else ""


def with_system(text: str | None, conversation: Conversation) -> Conversation:
    """The conversation with this text as what the system says, in the place of what it said; None changes nothing.

    Raises:
        PromptError: the text is blank.
    """
    if text is None:
        return conversation
    check_instance("The system prompt", text, str, "text")
    if not text.strip():
        raise PromptError("The system prompt is empty. Type one, or leave it out.")
    rest = conversation[1:] if conversation and conversation[0].role == "system" else conversation
    return (Turn("system", (text,)), *rest)


def followed_up(
    conversation: Conversation, prompt: str, answer: str, pictures: int, picture_first: bool = True
) -> Conversation:
    """The turns before the next question: those of this one, the question itself and its answer.

    Args:
        pictures: of the prompt in all.
        picture_first: of the pictures beside the question, whether they stand before it.

    Raises:
        PromptError: the answer is blank, which no chat template has a place for.
    """
    if not answer.strip():
        raise PromptError("The model said nothing that could be followed up.")
    is_begun = bool(conversation) and conversation[-1].role == "user"
    begun: tuple[str | int, ...] = conversation[-1].content if is_begun else ()
    beside = tuple(range(pictures_before(conversation), pictures))
    asked = (*beside, prompt) if picture_first else (prompt, *beside)
    earlier = conversation[:-1] if is_begun else conversation
    return (*earlier, Turn("user", (*begun, *asked)), Turn("assistant", (answer,)))


def conversation_text(conversation: Conversation) -> str:
    """All that was said, a turn after the other, to be searched."""
    return "\n".join(turn.text for turn in conversation)
