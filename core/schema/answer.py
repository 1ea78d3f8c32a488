"""What the model said, token by token."""

from dataclasses import dataclass

from core.schema.checks import check_instance, check_whole
from core.schema.one_line import counted, one_line, quoted

THOUGHT_BEGINS, THOUGHT_ENDS = "<think>", "</think>"
"""How models that think aloud mark it. Chat templates may write the first into the prompt."""


@dataclass(frozen=True)
class Token:
    """One token of the answer.

    Attributes:
        id: vocabulary index.
        text: as it reads in the answer (a fragment of a character shows as U+FFFD).
        probability: the model's, when it chose the token.
        alternatives: the likeliest other tokens there, (text, probability), likeliest first.
        start, stop: where it stands in `Answer.text`, in characters; start = stop for a special token. All
            fragments of a character have the whole character's span.
    """

    id: int
    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()
    start: int = 0
    stop: int = 0

    def __repr__(self) -> str:
        return one_line(self, f"{self.id} {quoted(self.text, 30)}", f"probability {self.probability:.3g}")


@dataclass(frozen=True)
class Answer:
    """What the model said: the text and the tokens that are explained.

    Attributes:
        text: all of it, a thought included.
        tokens: in order, without the end-of-turn token, unless the model said nothing else.
        thought: how many tokens at the beginning are thought, with what ends it and the blanks after that; 0 where
            the model thought nothing aloud. All of them where it was cut off before it came to an end.
    """

    text: str
    tokens: tuple[Token, ...]
    thought: int = 0

    def __post_init__(self) -> None:
        check_instance("The text of an answer", self.text, str, "text")
        check_instance("The tokens of an answer", self.tokens, tuple, "a tuple of Tokens")
        for token in self.tokens:
            check_instance("A token of an answer", token, Token, "a Token")
        check_whole("The number of tokens that are thought", self.thought, 0, len(self.tokens))

    def __repr__(self) -> str:
        thought = f"{self.thought} of them thought" if self.thought else ""
        return one_line(self, quoted(self.text), counted(len(self.tokens), "token"), thought)

    @property
    def is_unfinished_thought(self) -> bool:
        """Whether it was cut off while it was thinking."""
        return 0 < self.thought == len(self.tokens)

    @property
    def said(self) -> range:
        """The tokens after the thought; all of them where there is nothing else."""
        return range(0 if self.is_unfinished_thought else self.thought, len(self.tokens))

    @property
    def said_text(self) -> str:
        """What they read."""
        first = self.tokens[self.said.start].start if self.said.start else 0
        return self.text[first:].strip()

    @property
    def thought_text(self) -> str:
        """What the thought reads, without the marks around it."""
        begin, end = self._thought_span
        return self.text[begin:end]

    @property
    def thought_tokens(self) -> range:
        """The tokens that the thought reads, without the marks around it; none where it says nothing."""
        begin, end = self._thought_span
        inside = [i for i in range(self.thought) if self.tokens[i].start < end and self.tokens[i].stop > begin]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    @property
    def _thought_span(self) -> tuple[int, int]:
        """The characters (begin, end) of the thought, without the marks and the blanks around it."""
        text = self.text[: self.tokens[self.thought - 1].stop] if self.thought else ""
        begun = text.lstrip().removeprefix(THOUGHT_BEGINS).lstrip()
        return len(text) - len(begun), len(text) - len(begun) + len(begun.rstrip().removesuffix(THOUGHT_ENDS).rstrip())

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """Special tokens in it, which are no part of its text, each once; () where stored without positions."""
        outside = [token.text for token in self.tokens if token.start == token.stop and token.text.strip()]
        is_placed = not self.text or any(token.start < token.stop for token in self.tokens)
        return tuple(dict.fromkeys(outside)) if is_placed else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of it, one sentence each."""
        found = ", ".join(self.control_tokens)
        if not found:
            return ()
        if not self.text:
            return (f"The model said nothing but a control token ({found}); the map explains that one.",)
        return (
            f"The answer holds control tokens ({found}), which are not in its text. What follows the first of them may "
            "be no answer any more.",
        )
