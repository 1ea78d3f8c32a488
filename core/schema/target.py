"""What is explained: which tokens of which answer, and what is summed over them.

A `Target` is part of a request, hence of the key of a stored result: fields that its kind has no use for
stay at their defaults, so that targets that say the same have the same key. No torch here; the numbers
are computed in `core.inference.scores`.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from core.errors import InputError, shown
from core.schema.answer import Answer
from core.schema.checks import check_choice, check_instance, check_whole, holds_surrogates
from core.schema.one_line import one_line
from core.schema.visible_text import visible
from core.schema.words import find_phrase

Kind = Literal["answer", "thought", "tokens", "words", "contrast"]
Score = Literal["logit", "logprob", "margin", "rivals"]

DEFAULT_SCORE: Score = "logit"
RIVALS = 5
MAX_CHARACTERS = 2_000

SCORES: dict[Score, str] = {
    "logit": "The model's bare output for the token, as in the original.",
    "logprob": "The logarithm of the token's probability: its output against that of all other tokens.",
    "margin": "The token's output less that of the best other token: what made the model say this and not that.",
    "rivals": f"The token's output less the mean of its {RIVALS} strongest rivals, which takes out what they share.",
}

_FIELDS: dict[Kind, tuple[str, ...]] = {
    "answer": (),
    "thought": (),
    "tokens": ("start", "stop"),
    "words": ("phrase", "occurrence"),
    "contrast": ("position", "instead"),
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """Which tokens are explained, and by which score; the score is summed over them.

    Attributes:
        kind: "answer" for all tokens that follow a thought, "thought" for those of the thought, without the marks
            around it, "tokens" for a span of all of them, "words" for those of a phrase, "contrast" for one token
            against another that might have stood in its place.
        start, stop: of "tokens": the first one and one past the last; stop None for the end of the answer.
        phrase: of "words": text to look for in the answer, whatever its case.
        occurrence: of "words": which one, from 1.
        position: of "contrast": the token that was said.
        instead: of "contrast": the text whose first token might have been said.
        sentence: what is explained in place of what the model says; None for the model's own answer.
        score: a name of `SCORES`. A contrast has only "logit": it is a difference of logits, which equals
            that of the log-probabilities.

    Raises:
        InputError: a value is out of its range, or of no use to this kind.
    """

    kind: Kind = "answer"
    start: int = 0
    stop: int | None = None
    phrase: str | None = None
    occurrence: int = 1
    position: int | None = None
    instead: str | None = None
    sentence: str | None = None
    score: Score = DEFAULT_SCORE

    def __post_init__(self) -> None:
        check_choice("kind of target", self.kind, get_args(Kind))
        check_choice("score", self.score, SCORES)
        # A sentence is put in the place of the answer, and has no thought before it.
        used = {"kind", "score", *_FIELDS[self.kind], *(["sentence"] if self.kind != "thought" else [])}
        for field in fields(self):
            value = getattr(self, field.name)
            # By type as well: True equals 1, but not in a key.
            if field.name not in used and (type(value) is not type(field.default) or value != field.default):
                raise InputError(f"A target of kind {self.kind!r} has no use for {field.name!r}. Leave it out.")
        if self.kind == "tokens":
            _check_span(self.start, self.stop)
        elif self.kind == "words":
            self._strip("phrase", "The phrase to look for in the answer")
            check_whole("The number of the occurrence", self.occurrence, 1)
        elif self.kind == "contrast":
            check_whole("The token to contrast", self.position, 0)
            self._strip("instead", "The text to contrast with")
            if self.score != DEFAULT_SCORE:
                raise InputError(
                    "A contrast is a difference of logits already, the same as that of the log-probabilities. "
                    f"Leave the score at {DEFAULT_SCORE!r}; {self.score!r} does not apply to it."
                )
        if self.sentence is not None:
            self._strip("sentence", "The sentence to explain")

    def __repr__(self) -> str:
        return one_line(self, visible(self.describe()))

    @classmethod
    def of(cls, given: "Target | str | None") -> "Target":
        """What people give as a target: one as it is, a phrase of the answer as text, or None for the whole answer.

        Args:
            given: one of these.

        Raises:
            InputError: it is none of these.
        """
        if given is None:
            return cls.answer()
        if isinstance(given, str):
            return cls.words(given)
        check_instance("The target", given, cls, "a Target, a phrase of the answer, or None for all of it")
        return given

    @classmethod
    def answer(cls, *, score: Score = DEFAULT_SCORE, sentence: str | None = None) -> "Target":
        """The whole answer: by default the sum of its tokens' logits, as in the original.

        What a model thought aloud before it is no part of it, unless there is nothing else.

        Raises:
            InputError: there is no such score, or the sentence is blank or too long.
        """
        return cls(score=score, sentence=sentence)

    @classmethod
    def thought(cls, *, score: Score = DEFAULT_SCORE) -> "Target":
        """What the model thought aloud before it answered, without the marks around it."""
        return cls(kind="thought", score=score)

    @classmethod
    def thought_and_answer(cls, *, score: Score = DEFAULT_SCORE) -> "Target":
        """All that the model said: its thought, the marks around that, and its answer."""
        return cls.tokens(0, None, score=score)

    @classmethod
    def text(cls, sentence: str, *, score: Score = DEFAULT_SCORE) -> "Target":
        """The whole of a sentence of one's own, as if the model had answered it.

        Raises:
            InputError: the sentence is blank or too long.
        """
        return cls(sentence="" if sentence is None else sentence, score=score)

    @classmethod
    def tokens(
        cls, start: int, stop: int | None, *, score: Score = DEFAULT_SCORE, sentence: str | None = None
    ) -> "Target":
        """The answer tokens start, ..., stop - 1; to the end for a `stop` of None.

        Raises:
            InputError: they are no span. Whether the answer has so many is only known once there is one.
        """
        return cls(kind="tokens", start=start, stop=stop, score=score, sentence=sentence)

    @classmethod
    def words(
        cls, phrase: str, occurrence: int = 1, *, score: Score = DEFAULT_SCORE, sentence: str | None = None
    ) -> "Target":
        """The tokens of the n-th occurrence of a phrase.

        Raises:
            InputError: the phrase is blank, or the occurrence no whole number from 1. Whether the answer holds it is
                only known once there is one.
        """
        return cls(kind="words", phrase=phrase, occurrence=occurrence, score=score, sentence=sentence)

    @classmethod
    def contrast(cls, position: int, instead: str, *, sentence: str | None = None) -> "Target":
        """The token at `position` rather than the first token of `instead`: why the model says this and not that.

        Raises:
            InputError: the position is no whole number from 0, or the text is blank.
        """
        return cls(kind="contrast", position=position, instead=instead, sentence=sentence)

    def indices(self, answer: Answer) -> range:
        """The indices of the answer tokens that count.

        Args:
            answer: what the model said.

        Raises:
            InputError: the answer has no such tokens, or not that phrase.
        """
        check_instance("The answer", answer, Answer, "an Answer")
        count = len(answer.tokens)
        if self.kind == "answer":
            return answer.said
        if self.kind == "thought":
            if not answer.thought_tokens:
                raise InputError("The model thought nothing aloud before this answer. Explain the answer instead.")
            return answer.thought_tokens
        if self.kind == "words":
            begin, end = self._occurrence_in(answer.text)
            touched = [i for i, token in enumerate(answer.tokens) if token.start < end and token.stop > begin]
            if not touched:
                raise InputError("This answer was kept without the places of its tokens. Ask the question again.")
            return range(touched[0], touched[-1] + 1)
        start = self.start if self.kind == "tokens" else self.position
        stop = start + 1 if self.kind == "contrast" else count if self.stop is None else self.stop
        if start >= count or stop > count:
            asked = f"{start}" if stop <= start + 1 else f"{start} to {stop - 1}"
            raise InputError(
                f"The answer has {count} token{'' if count == 1 else 's'} (0 to {count - 1}); "
                f"the target asks for {asked}."
            )
        return range(start, stop)

    def describe(self, answer: Answer | None = None) -> str:
        """A few words for people.

        Args:
            answer: where it is known, a contrast names the token that was said.
        """
        if answer is not None:
            check_instance("The answer", answer, Answer, "an Answer")
        if self.kind == "answer":
            words = "the whole answer"
        elif self.kind == "thought":
            words = "the thought before the answer"
        elif self.kind == "tokens" and self.stop is None:
            words = f"tokens {self.start} to the last"
        elif self.kind == "tokens":
            last = self.stop - 1
            words = f"token {last}" if last == self.start else f"tokens {self.start} to {last}"
        elif self.kind == "words":
            words = f"the word{'s' if len(self.phrase.split()) > 1 else ''} {quoted(self.phrase)}"
            words = f"{words} (occurrence {self.occurrence})" if self.occurrence > 1 else words
        else:
            known = answer is not None and self.position < len(answer.tokens)
            said = quoted(answer.tokens[self.position].text.strip()) if known else "what was said"
            words = f"{said} rather than {quoted(self.instead)} at token {self.position}"
        words = words if self.sentence is None else f"{words}, of the sentence {quoted(self.sentence)}"
        return words if self.score == DEFAULT_SCORE else f"{words}, scored by {self.score}"

    def _strip(self, name: str, what: str) -> None:
        """Checks a text field and takes the blanks around it away, which mean nothing."""
        object.__setattr__(self, name, _check_text(what, getattr(self, name)))

    def _occurrence_in(self, text: str) -> tuple[int, int]:
        """The characters (begin, end) of the phrase in `text`."""
        found = find_phrase(text, self.phrase)
        if not found:
            raise InputError(
                f"The words {quoted(self.phrase)} are not in the answer, which is {quoted(text)}. "
                "Choose words that it holds."
            )
        if self.occurrence > len(found):
            times = "once" if len(found) == 1 else f"{len(found)} times"
            raise InputError(
                f"The words {quoted(self.phrase)} are in the answer {times}; occurrence {self.occurrence} was "
                "asked for. Choose a lower number."
            )
        return found[self.occurrence - 1]


def quoted(text: str, limit: int = 60) -> str:
    """`text` on one line, between quotation marks, cut to about `limit` characters."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= limit else line[:limit].rstrip() + "…"}"'


def _check_span(start: Any, stop: Any) -> None:
    check_whole("The first answer token", start, 0)
    if stop is not None:
        check_whole("The end of the answer tokens", stop, 0)
        if stop <= start:
            raise InputError(f"Answer tokens {start} to {stop} are no span: the end must come after the start.")


def _check_text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{what} must be text, not {shown(value)}.")
    if not value.strip():
        raise InputError(f"{what} is blank. Type at least one character.")
    if len(value) > MAX_CHARACTERS:
        raise InputError(f"{what} has {len(value):,} characters; at most {MAX_CHARACTERS:,} are allowed. Shorten it.")
    if holds_surrogates(value):
        raise InputError(f"{what} holds half a character (a lone surrogate). Type it again.")
    return value.strip()
