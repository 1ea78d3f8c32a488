"""The part of the form that says what is explained: its fields -> a target, and back."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.schema import MAX_NEW_TOKENS
from core.schema.target import DEFAULT_SCORE, SCORES, Kind, Score, Target
from dashboard.session.keys import FormKey
from dashboard.ui.widgets import choose_by_title

SENTENCE = "sentence"
KINDS: dict[str, str] = {
    "answer": "Whole answer (recommended)",
    "words": "A phrase of the answer",
    "tokens": "Answer tokens",
    "contrast": "Why this and not that",
    SENTENCE: "A sentence of mine",
}
SENTENCE_KINDS: dict[str, str] = {
    "answer": "All of it",
    "words": "A phrase of it",
    "tokens": "Tokens of it",
    "contrast": "Why this and not that",
}
_TOKENS = 'Tokens are counted from 0. The tab "Answer tokens" of a run shows their numbers.'


@dataclass(frozen=True, kw_only=True)
class TargetDraft:
    """What is explained as filled in, not yet checked; see `core.schema.target.Target`.

    Attributes:
        last: of "tokens": the last one that counts, itself included; None for the end of the answer.
    """

    kind: Kind = "answer"
    sentence: str | None = None
    phrase: str = ""
    occurrence: int = 1
    first: int = 0
    last: int | None = None
    position: int = 0
    instead: str = ""
    score: Score = DEFAULT_SCORE

    def to_target(self) -> Target:
        """The checked target.

        Raises:
            InputError: something is missing or cannot be used; the sentence says what to do.
        """
        if self.kind == "words":
            return Target.words(self.phrase, self.occurrence, score=self.score, sentence=self.sentence)
        if self.kind == "tokens":
            stop = None if self.last is None else self.last + 1
            return Target.tokens(self.first, stop, score=self.score, sentence=self.sentence)
        if self.kind == "contrast":
            return Target.contrast(self.position, self.instead, sentence=self.sentence)
        return Target.answer(score=self.score, sentence=self.sentence)


def target_fields() -> TargetDraft:
    """Draws the fields; those of other kinds than the chosen one are hidden and keep what they hold."""
    kind = choose_by_title(
        "What is explained",
        KINDS,
        FormKey.TARGET,
        persist_state="session",
        help="Which part of which answer the map is of. One word's map is sharper than that of a long answer, whose "
        "words come from many places.",
    )
    sentence = None
    if kind == SENTENCE:
        sentence = st.text_area(
            "Your sentence",
            key=FormKey.SENTENCE,
            height=80,
            placeholder="There is a red circle in the top left.",
            persist_state="session",
            help="It is explained as if the model had answered it.",
        )
        kind = choose_by_title("Part of the sentence", SENTENCE_KINDS, FormKey.PART, persist_state="session")
    filled_in = _FIELDS[kind]() if kind in _FIELDS else {}
    score = DEFAULT_SCORE if kind == "contrast" else _score_field()
    return TargetDraft(kind=kind, sentence=sentence, score=score, **filled_in)


def target_values(target: Target) -> dict[str, Any]:
    """Field -> what it shows for a target; the inverse of `target_fields`."""
    of_sentence = target.sentence is not None
    return {
        FormKey.TARGET: SENTENCE if of_sentence else target.kind,
        FormKey.SENTENCE: target.sentence or "",
        FormKey.PART: target.kind,
        FormKey.PHRASE: target.phrase or "",
        FormKey.OCCURRENCE: target.occurrence,
        FormKey.FIRST_TOKEN: target.start,
        FormKey.LAST_TOKEN: None if target.stop is None else target.stop - 1,
        FormKey.POSITION: target.position or 0,
        FormKey.INSTEAD: target.instead or "",
        FormKey.SCORE: target.score,
    }


def _phrase_fields() -> dict[str, Any]:
    phrase = st.text_input(
        "Phrase",
        key=FormKey.PHRASE,
        placeholder="red circle",
        persist_state="session",
        help="Words as they stand in the answer, whatever their case.",
    )
    occurrence = st.number_input(
        "Which occurrence",
        min_value=1,
        max_value=MAX_NEW_TOKENS,
        key=FormKey.OCCURRENCE,
        persist_state="session",
        help="1 is the first place in the answer where the phrase stands.",
    )
    return {"phrase": phrase or "", "occurrence": int(occurrence)}


def _token_fields() -> dict[str, Any]:
    first_at, last_at = st.columns(2)
    limits = {"min_value": 0, "max_value": MAX_NEW_TOKENS, "persist_state": "session"}
    first = first_at.number_input("From token", key=FormKey.FIRST_TOKEN, help=_TOKENS, **limits)
    last = last_at.number_input(
        "To token",
        value=None,
        key=FormKey.LAST_TOKEN,
        placeholder="last",
        help="The last one that counts; empty for the end of the answer.",
        **limits,
    )
    return {"first": int(first), "last": None if last is None else int(last)}


def _contrast_fields() -> dict[str, Any]:
    position = st.number_input(
        "Why this token",
        min_value=0,
        max_value=MAX_NEW_TOKENS,
        key=FormKey.POSITION,
        persist_state="session",
        help=_TOKENS,
    )
    instead = st.text_input(
        "And not this word",
        key=FormKey.INSTEAD,
        placeholder="blue",
        persist_state="session",
        help="Its first token is set against the one that was said.",
    )
    return {"position": int(position), "instead": instead or ""}


def _score_field() -> Score:
    score = st.selectbox(
        "Score",
        tuple(SCORES),
        key=FormKey.SCORE,
        persist_state="session",
        help="What is summed over the explained tokens; the map shows what it depends on.",
    )
    st.caption(SCORES[score])
    return score


_FIELDS = {"words": _phrase_fields, "tokens": _token_fields, "contrast": _contrast_fields}
