"""The part of the form that says what is explained: its fields -> a target, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.schema import MAX_NEW_TOKENS
from core.schema.target import DEFAULT_SCORE, SCORES, Kind, Score, Target
from dashboard.language import N_, _
from dashboard.session.keys import FormKey
from dashboard.ui.glossary import meaning, see
from dashboard.ui.widgets import choose_by_title

SENTENCE = "sentence"
ALL = "all"
"""Thought and answer: all tokens."""
KINDS: dict[str, str] = {
    "answer": N_("Whole answer"),
    "thought": N_("The thought before it"),
    ALL: N_("Thought and answer"),
    "words": N_("A phrase of the answer"),
    "tokens": N_("Answer tokens"),
    "contrast": N_("Why this and not that"),
    SENTENCE: N_("A sentence of mine"),
}
SENTENCE_KINDS: dict[str, str] = {
    "answer": N_("All of it"),
    "words": N_("A phrase of it"),
    "tokens": N_("Tokens of it"),
    "contrast": N_("Why this and not that"),
}
_TOKENS = N_('Tokens are counted from 0. The tab "Answer tokens" of a run shows their numbers.')


@dataclass(frozen=True, kw_only=True)
class TargetDraft:
    """What is explained as filled in, not yet checked; see `core.schema.target.Target`.

    Attributes:
        last: of "tokens": the last one that counts, itself included; None for the end of the answer.
    """

    kind: Kind | Literal["all"] = "answer"
    sentence: str | None = None
    phrase: str = ""
    occurrence: int = 1
    first: int = 0
    last: int | None = None
    position: int = 0
    instead: str = ""
    score: Score = DEFAULT_SCORE

    @property
    def lacks(self) -> str:
        """What has yet to be typed because of what was chosen, in a sentence; "" where nothing has."""
        if self.sentence is not None and not self.sentence.strip():
            return _("Now type under Advanced the sentence that is explained.")
        if self.kind == "words" and not self.phrase.strip():
            return _("Now type under Advanced the phrase that is explained.")
        if self.kind == "contrast" and not self.instead.strip():
            return _("Now type under Advanced the word that might have been said instead.")
        return ""

    def to_target(self) -> Target:
        """The checked target.

        Raises:
            InputError: something is missing or cannot be used; the sentence says what to do.
        """
        if self.kind == "thought":
            return Target.thought(score=self.score)
        if self.kind == ALL:
            return Target.thought_and_answer(score=self.score)
        if self.kind == "words":
            return Target.words(self.phrase, self.occurrence, score=self.score, sentence=self.sentence)
        if self.kind == "tokens":
            stop = None if self.last is None else self.last + 1
            return Target.tokens(self.first, stop, score=self.score, sentence=self.sentence)
        if self.kind == "contrast":
            return Target.contrast(self.position, self.instead, sentence=self.sentence)
        return Target.answer(score=self.score, sentence=self.sentence)


def target_of(form: Mapping[FormKey, Any]) -> TargetDraft:
    """What the fields hold; only those count that belong to the chosen kind."""
    kind, sentence = form[FormKey.TARGET], None
    if kind == SENTENCE:
        kind, sentence = form[FormKey.PART], form[FormKey.SENTENCE] or ""
    score = DEFAULT_SCORE if kind == "contrast" else form[FormKey.SCORE]
    common = {"kind": kind, "sentence": sentence, "score": score}
    if kind == "words":
        return TargetDraft(phrase=form[FormKey.PHRASE] or "", occurrence=int(form[FormKey.OCCURRENCE]), **common)
    if kind == "tokens":
        last = form[FormKey.LAST_TOKEN]
        return TargetDraft(first=int(form[FormKey.FIRST_TOKEN]), last=None if last is None else int(last), **common)
    if kind == "contrast":
        return TargetDraft(position=int(form[FormKey.POSITION]), instead=form[FormKey.INSTEAD] or "", **common)
    return TargetDraft(**common)


def target_fields() -> None:
    """Draws the fields; those of other kinds than the chosen one are hidden and keep what they hold."""
    kind = choose_by_title(
        _("What is explained"),
        KINDS,
        FormKey.TARGET,
        persist_state="session",
        help=_(
            "Which part of which answer the map is of. One word's map is sharper than that of a long answer, whose "
            "words come from many places. {see}",
            see=see("target"),
        ),
    )
    if kind == SENTENCE:
        st.text_area(
            _("Your sentence"),
            key=FormKey.SENTENCE,
            height=80,
            placeholder=_("There is a red circle in the top left."),
            persist_state="session",
            help=_("It is explained as if the model had answered it."),
        )
        kind = choose_by_title(_("Part of the sentence"), SENTENCE_KINDS, FormKey.PART, persist_state="session")
    if kind in _FIELDS:
        _FIELDS[kind]()
    if kind != "contrast":
        _score_field()


def target_values(target: Target) -> dict[str, Any]:
    """Field -> what it shows for a target; the inverse of `target_of`."""
    of_sentence = target.sentence is not None
    kind = ALL if target == Target.thought_and_answer(score=target.score) else target.kind
    return {
        FormKey.TARGET: SENTENCE if of_sentence else kind,
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


def _phrase_fields() -> None:
    st.text_input(
        _("Phrase"),
        key=FormKey.PHRASE,
        placeholder=_("red circle"),
        persist_state="session",
    )
    st.number_input(
        _("Which occurrence"),
        min_value=1,
        max_value=MAX_NEW_TOKENS,
        key=FormKey.OCCURRENCE,
        persist_state="session",
    )


def _token_fields() -> None:
    first_at, last_at = st.columns(2)
    limits = {"min_value": 0, "max_value": MAX_NEW_TOKENS, "persist_state": "session"}
    first_at.number_input(_("From token"), key=FormKey.FIRST_TOKEN, help=_(_TOKENS), **limits)
    last_at.number_input(
        _("To token"),
        value=None,
        key=FormKey.LAST_TOKEN,
        placeholder=_("last"),
        **limits,
    )


def _contrast_fields() -> None:
    st.number_input(
        _("Why this token"),
        min_value=0,
        max_value=MAX_NEW_TOKENS,
        key=FormKey.POSITION,
        persist_state="session",
        help=_(_TOKENS),
    )
    st.text_input(
        _("And not this word"),
        key=FormKey.INSTEAD,
        placeholder=_("blue"),
        persist_state="session",
        help=_("Its first token is set against the one that was said."),
    )


def _score_field() -> None:
    score = st.selectbox(
        _("Score"),
        tuple(SCORES),
        key=FormKey.SCORE,
        persist_state="session",
        help=meaning("score"),
    )
    st.caption(_(SCORES[score]))


_FIELDS = {"words": _phrase_fields, "tokens": _token_fields, "contrast": _contrast_fields}
